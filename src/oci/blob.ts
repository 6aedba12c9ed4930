import { createHash } from "node:crypto";
import { failure } from "../model/errors.ts";

/** Bytes with their digest, that can be read again: an upload that broke off starts anew. */
export interface Blob {
  readonly digest: string;
  readonly sizeBytes: number;
  /** The bytes from `start` up to, not including, `end`. */
  open(start: number, end: number): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** A blob held in memory. */
export function blobOf(content: Uint8Array | string): Blob {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return {
    digest: digestOf(bytes),
    sizeBytes: bytes.byteLength,
    open: (start, end) => (end > start ? [bytes.subarray(start, end)] : []),
  };
}

/** `sha256:<64 hex>`, or of the algorithm named. */
export function digestOf(bytes: Uint8Array | string, algorithm = "sha256"): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest("hex")}`;
}

/** Passes the bytes on and, at their end, refuses what does not have this digest. */
export async function* verified(
  bytes: AsyncIterable<Uint8Array>,
  digest: string,
  place: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const algorithm = digest.slice(0, digest.indexOf(":"));
  const hash = createHash(algorithm);
  let sizeBytes = 0;
  for await (const chunk of bytes) {
    hash.update(chunk);
    sizeBytes += chunk.byteLength;
    yield chunk;
  }
  const found = `${algorithm}:${hash.digest("hex")}`;
  if (found !== digest) throw digestMismatch(place, digest, `${found} (${String(sizeBytes)} bytes)`);
}

export function digestMismatch(place: string, wanted: string, found: string): Error {
  return failure(`${place}: the registry sent bytes of another digest: wanted ${wanted}, got ${found}`, {
    code: "REGISTRY_DIGEST_MISMATCH",
    place,
    remedy:
      "push the image again; if it happens again, the registry or a proxy before it changes what it stores",
  });
}
