import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { pack, type Pack } from "tar-stream";
import { blobOf, indexOf, manifestOf, mediaTypes, type Blob, type Descriptor } from "../../oci/oci.ts";
import type { ContainerState } from "../container/state.ts";
import type { ImageExport } from "../executor/executor.ts";
import { layerKey } from "../files/contents.ts";
import { rootEntry, Tree, type TreeEntry } from "../files/tree.ts";
import type { Session } from "../session.ts";
import type { FileState } from "../states.ts";
import { buildImage, platformsOf } from "./build.ts";
import { formOf, type FormOptions } from "./form.ts";

/** Writes the image as an OCI layout in a tar, with the manifest.json that `docker load` reads; answers its path. */
export async function exportArchive(
  session: Session,
  state: ContainerState,
  options: ImageExport,
): Promise<string> {
  const path = resolve(session.options.workdir, options.path);
  const layout = await layoutOf(session, state, options.variants, options, "Container.export");
  for (const base of layout.standIns)
    session.events.note(`${path} has no base: this machine's userland stands in for ${base}`);
  await mkdir(dirname(path), { recursive: true });
  await writeLayout(layout, path);
  return path;
}

/** The same tar as a file of the engine. */
export async function archiveFile(
  session: Session,
  state: ContainerState,
  variants: readonly ContainerState[],
  options: FormOptions,
): Promise<FileState> {
  const layout = await layoutOf(session, state, variants, options, "Container.asTarball");
  const name = "container.tar";
  const layer = await session.store.ensure(layerKey("tarball", layout.key), (draft) =>
    writeLayout(layout, join(draft.path, name)),
  );
  const diskPath = join(layer.path, name);
  const { size: sizeBytes, mode } = await stat(diskPath);
  const entry: TreeEntry = {
    ...{ type: "file", mode: mode & 0o777, uid: 0, gid: 0, sizeBytes, modifiedAtMs: 0, diskPath },
    hash: await hashOfFile(diskPath),
  };
  const entries = new Map([
    ["", rootEntry],
    [name, entry],
  ]);
  return { contents: new Tree(entries, null), path: `/${name}`, name };
}

async function hashOfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

interface Layout {
  /** Of all that is in it. */
  readonly key: string;
  readonly files: ReadonlyMap<string, Blob>;
  readonly standIns: readonly string[];
}

async function layoutOf(
  session: Session,
  state: ContainerState,
  variants: readonly ContainerState[],
  options: FormOptions,
  field: string,
): Promise<Layout> {
  const written = formOf(options, field);
  const platforms = await platformsOf(session, state, variants);
  const images = await Promise.all(platforms.map((each) => buildImage(session, each, written)));
  const files = new Map<string, Blob>();
  const put = (blob: Blob): string => {
    const path = `blobs/${blob.digest.replace(":", "/")}`;
    files.set(path, blob);
    return path;
  };
  const parts = images.map((image) => {
    const { manifest, config } = manifestOf(image);
    const blob = blobOf(JSON.stringify(manifest));
    const docker = { Config: put(config), RepoTags: null, Layers: image.layers.map(put) };
    put(blob);
    return { descriptor: descriptorOf(blob, manifest.mediaType), config: image.config, docker };
  });
  const [only, ...others] = parts;
  const index = blobOf(JSON.stringify(indexOf(parts, written.form)));
  const top =
    only !== undefined && others.length === 0 ? only.descriptor : descriptorOf(index, mediaTypes.index);
  if (others.length > 0) put(index);
  const sorted = new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
  sorted.set("oci-layout", blobOf(JSON.stringify({ imageLayoutVersion: "1.0.0" })));
  sorted.set("index.json", blobOf(JSON.stringify({ schemaVersion: 2, manifests: [top] })));
  if (only !== undefined && others.length === 0)
    sorted.set("manifest.json", blobOf(JSON.stringify([only.docker])));
  const key = createHash("sha256").update(
    [...sorted].map(([name, { digest }]) => `${name} ${digest}`).join("\n"),
  );
  const standIns = images.flatMap(({ standIn }) => (standIn === null ? [] : [standIn]));
  return { key: `sha256:${key.digest("hex")}`, files: sorted, standIns };
}

function descriptorOf(blob: Blob, mediaType: string = mediaTypes.manifest): Descriptor {
  return { mediaType, digest: blob.digest, size: blob.sizeBytes };
}

async function writeLayout({ files }: Layout, path: string): Promise<void> {
  const archive = pack();
  const written = pipeline(archive, createWriteStream(path));
  const adding = (async () => {
    for (const [name, blob] of files) await add(archive, name, blob);
    archive.finalize();
  })();
  adding.catch((error: unknown) => archive.destroy(error as Error));
  await Promise.all([adding, written]);
}

async function add(archive: Pack, name: string, blob: Blob): Promise<void> {
  const entry = archive.entry({ name, size: blob.sizeBytes, mtime: new Date(0) });
  await pipeline(Readable.from(blob.open(0, blob.sizeBytes)), entry);
}
