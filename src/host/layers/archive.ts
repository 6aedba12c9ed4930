/** A layer as the archive that an OCI image holds, and back. */
import { createReadStream } from "node:fs";
import { mediaTypes } from "../../oci/oci.ts";
import type { Blob } from "../../oci/oci.ts";
import type { PackedLayer } from "./pack.ts";
export { packLayer } from "./pack.ts";
export type { Compression, PackedLayer } from "./pack.ts";
export { unpackLayer } from "./unpack.ts";

/** A packed layer as `pushImage` takes it; the media type is that of gzip. */
export function layerBlob(packed: PackedLayer): Blob & { readonly mediaType: string } {
  return {
    digest: packed.digest,
    sizeBytes: packed.sizeBytes,
    mediaType: mediaTypes.layerGzip,
    open: (start, end) => (end > start ? createReadStream(packed.path, { start, end: end - 1 }) : []),
  };
}
