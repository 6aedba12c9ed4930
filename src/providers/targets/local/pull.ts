import { failure } from "../../../model/errors.ts";
import { openRepository, readImage, standInBase, type Credentials } from "../../../oci/oci.ts";
import { unpackLayer } from "../../../host/layers/archive.ts";
import type { LayerStore } from "../../../host/layers/layers.ts";
import type { PulledImage } from "./protocol.ts";

export interface PullOptions {
  readonly store: LayerStore;
  readonly credentials: Credentials | undefined;
  readonly report: (line: string) => void;
}

/** Gets an image's layers from its registry into the store, those that are not there yet. */
export async function pullImage(reference: string, options: PullOptions): Promise<PulledImage> {
  const { store, credentials, report } = options;
  const repository = openRepository(reference, credentials === undefined ? {} : { credentials });
  if (repository.reference.digest === null) {
    throw failure(`${reference} names no digest: what is run is always a digest`, {
      code: "IMAGE_NOT_PINNED",
    });
  }
  const image = await readImage(repository);
  const diffIds = image.config.rootfs.diff_ids;
  const layers: string[] = [];
  let bytes = 0;
  for (const [index, { digest, size }] of image.manifest.layers.entries()) {
    const diffId = diffIds[index];
    if (diffId === undefined)
      throw failure(`${reference} has more layers than its config says`, { code: "IMAGE_CONFIG" });
    const key = `image-layer:${diffId.replace("sha256:", "")}`;
    await store.ensure(key, async (draft) => {
      bytes += size;
      await unpackLayer(repository.getBlob(digest), draft, { diffId });
    });
    layers.push(key);
  }
  if (bytes > 0) report(`pulled ${repository.name} (${(bytes / 1e6).toFixed(1)} MB)`);
  return { reference, layers, base: standInBase(image), config: image.config.config ?? {} };
}
