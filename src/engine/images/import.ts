import { createReadStream, createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { extract } from "tar-stream";
import { isFairwayError } from "../../model/errors.ts";
import {
  digestOf,
  isIndex,
  parseConfig,
  parseManifest,
  selectPlatform,
  type Descriptor,
  type Image,
  type ImageIndex,
} from "../../oci/oci.ts";
import type { ContainerState } from "../container/state.ts";
import { EngineError } from "../errors.ts";
import { fileEntryOf } from "../files/folders.ts";
import type { Session } from "../session.ts";
import type { FileState } from "../states.ts";
import { refusal } from "../validation.ts";
import { onImage } from "./pull.ts";

/** The container on the image of an OCI layout in a tar; of several, the one of this tag or platform. */
export async function importArchive(
  session: Session,
  fresh: ContainerState,
  file: FileState,
  tag: string,
): Promise<ContainerState> {
  await using scratch = await session.store.scratch();
  try {
    const names = await unpack(session, file, scratch.path);
    if (!names.has("index.json")) {
      if (names.has("manifest.json"))
        throw new EngineError(
          refusal("Container.import of an archive without an index.json (Docker before 25)"),
        );
      throw new EngineError("it has no index.json");
    }
    const layout = new Layout(scratch.path);
    const image = await layout.image(fresh.platform, tag);
    return { ...(await onImage(session, fresh, image, (digest) => layout.stream(digest))), imageRef: null };
  } catch (error) {
    if (!(error instanceof EngineError) && !isFairwayError(error)) throw error;
    if (/the embedded engine does not support it/.test(error.message)) throw error;
    throw new EngineError(`image archive import: ${error.message}`, { cause: error });
  }
}

/** Only what a layout has is written, each under a name that leads nowhere. */
async function unpack(session: Session, file: FileState, folder: string): Promise<ReadonlySet<string>> {
  const { entry } = await fileEntryOf(session.files, file);
  const bytes =
    entry.bytes === undefined ? createReadStream(entry.diskPath ?? "") : Readable.from([entry.bytes]);
  const names = new Set<string>();
  const entries = extract();
  const reading = (async () => {
    for await (const item of entries) {
      const name = item.header.name.replace(/^\.\//, "");
      if (
        item.header.type === "file" &&
        /^(?:index|manifest)\.json$|^blobs\/sha256\/[0-9a-f]{64}$/.test(name)
      ) {
        names.add(name);
        await pipeline(item, createWriteStream(join(folder, fileOf(name))));
      } else for await (const chunk of item) void chunk;
    }
  })();
  try {
    await Promise.all([pipeline(bytes, entries), reading]);
  } catch {
    throw new EngineError("unexpected EOF");
  }
  return names;
}

function fileOf(name: string): string {
  return name.replaceAll("/", "-");
}

class Layout {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async image(platform: string, tag: string): Promise<Image> {
    const index = parseManifest(await readFile(join(this.#folder, "index.json")), "index.json");
    if (!isIndex(index)) throw new EngineError("its index.json is no index");
    return this.#read(chosen(index, platform, tag), platform);
  }

  stream(digest: string): AsyncIterable<Uint8Array> {
    return createReadStream(this.#path(digest));
  }

  async #read({ digest, mediaType }: Descriptor, platform: string): Promise<Image> {
    const manifest = parseManifest(await this.#blob(digest), digest, mediaType);
    if (isIndex(manifest)) return this.#read(chosen(manifest, platform, ""), platform);
    const config = parseConfig(await this.#blob(manifest.config.digest), digest);
    return { digest, manifest, config };
  }

  async #blob(digest: string): Promise<Buffer> {
    const bytes = await readFile(this.#path(digest)).catch(() => undefined);
    if (bytes === undefined) throw new EngineError(`it has no blob ${digest}`);
    if (digestOf(bytes) !== digest) throw new EngineError(`the blob ${digest} has another digest`);
    return bytes;
  }

  #path(digest: string): string {
    return join(this.#folder, fileOf(`blobs/${digest.replace(":", "/")}`));
  }
}

function chosen(index: ImageIndex, platform: string, tag: string): Descriptor {
  const named = index.manifests.filter(
    ({ annotations }) => tag === "" || annotations?.["org.opencontainers.image.ref.name"] === tag,
  );
  const [only, ...others] = named;
  if (only === undefined) throw new EngineError(`it has no image ${JSON.stringify(tag)}`);
  if (others.length === 0) return only;
  const [os = "linux", architecture = "", variant] = platform.split("/");
  const wanted = { os, architecture, ...(variant === undefined ? {} : { variant }) };
  return selectPlatform({ ...index, manifests: named }, wanted, "the archive");
}
