import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { pack, type Pack } from "tar-stream";
import { blobOf, mediaTypes, type Blob } from "../../oci/oci.ts";
import type { ContainerState } from "../container/state.ts";
import type { ImageExport } from "../executor/executor.ts";
import type { Session } from "../session.ts";
import { buildImage } from "./build.ts";
import { refuseForms } from "./publish.ts";

/** Writes the image as an OCI layout in a tar, with the manifest.json that `docker load` reads; answers its path. */
export async function exportArchive(
  session: Session,
  state: ContainerState,
  options: ImageExport,
): Promise<string> {
  refuseForms(options, "Container.export");
  const path = resolve(session.options.workdir, options.path);
  const image = await buildImage(session, state);
  if (image.standIn !== null)
    session.events.note(`${path} has no base: this machine's userland stands in for ${image.standIn}`);
  const config = blobOf(JSON.stringify(image.config));
  const layers = image.layers.map((layer) => ({
    mediaType: layer.mediaType,
    digest: layer.digest,
    size: layer.sizeBytes,
  }));
  const manifest = blobOf(
    JSON.stringify({
      ...{ schemaVersion: 2, mediaType: mediaTypes.manifest, layers, annotations: image.annotations },
      config: { mediaType: mediaTypes.config, digest: config.digest, size: config.sizeBytes },
    }),
  );
  const index = {
    schemaVersion: 2,
    manifests: [{ mediaType: mediaTypes.manifest, digest: manifest.digest, size: manifest.sizeBytes }],
  };
  const docker = [{ Config: pathOf(config), RepoTags: null, Layers: image.layers.map(pathOf) }];
  await mkdir(dirname(path), { recursive: true });
  const archive = pack();
  const written = pipeline(archive, createWriteStream(path));
  for (const blob of new Map([...image.layers, config, manifest].map((each) => [each.digest, each])).values())
    await add(archive, pathOf(blob), blob);
  await add(archive, "oci-layout", blobOf(JSON.stringify({ imageLayoutVersion: "1.0.0" })));
  await add(archive, "index.json", blobOf(JSON.stringify(index)));
  await add(archive, "manifest.json", blobOf(JSON.stringify(docker)));
  archive.finalize();
  await written;
  return path;
}

function pathOf(blob: Blob): string {
  return `blobs/${blob.digest.replace(":", "/")}`;
}

async function add(archive: Pack, name: string, blob: Blob): Promise<void> {
  const entry = archive.entry({ name, size: blob.sizeBytes, mtime: new Date(0) });
  await pipeline(Readable.from(blob.open(0, blob.sizeBytes)), entry);
}
