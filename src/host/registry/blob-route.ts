import { pipeline } from "node:stream/promises";
import { notAllowed, RegistryRefusal, requireDigest } from "./answers.ts";
import type { RegistryCall } from "./routes.ts";
import type { Storage } from "./storage.ts";

/** `HEAD` and `GET /v2/<repository>/blobs/<digest>`, also a part of it. */
export async function answerBlobRequest(call: RegistryCall, storage: Storage): Promise<void> {
  const { method, name: digest, request, response } = call;
  if (method !== "GET" && method !== "HEAD") throw notAllowed(method);
  requireDigest(digest);
  const sizeBytes = await storage.blobSize(digest);
  if (sizeBytes === null) throw new RegistryRefusal(404, "BLOB_UNKNOWN", `no blob ${digest}`);
  const range = method === "GET" ? requestedRange(request.headers.range, sizeBytes) : undefined;
  response.writeHead(range === undefined ? 200 : 206, {
    "content-type": "application/octet-stream",
    "content-length": range === undefined ? sizeBytes : range.end - range.start + 1,
    "docker-content-digest": digest,
    "accept-ranges": "bytes",
    etag: `"${digest}"`,
    ...(range === undefined ? {} : { "content-range": contentRange(range, sizeBytes) }),
  });
  if (method === "HEAD" || sizeBytes === 0) response.end();
  else await pipeline(storage.readBlob(digest, range), response).catch(ignoreHangUp);
}

interface ByteRange {
  readonly start: number;
  /** The last byte's place. */
  readonly end: number;
}

function requestedRange(header: string | undefined, sizeBytes: number): ByteRange | undefined {
  const match = /^bytes=(\d+)-(\d*)$/.exec(header ?? "");
  if (match === null) return undefined;
  const start = Number(match[1]);
  const end = Math.min(match[2] === "" ? sizeBytes - 1 : Number(match[2]), sizeBytes - 1);
  if (start <= end) return { start, end };
  throw new RegistryRefusal(416, "RANGE_INVALID", `the blob has ${String(sizeBytes)} bytes`, {
    "content-range": `bytes */${String(sizeBytes)}`,
  });
}

function contentRange({ start, end }: ByteRange, sizeBytes: number): string {
  return `bytes ${String(start)}-${String(end)}/${String(sizeBytes)}`;
}

/** A client that hangs up is no fault of ours. */
function ignoreHangUp(error: NodeJS.ErrnoException): void {
  if (!["ERR_STREAM_PREMATURE_CLOSE", "ECONNRESET", "EPIPE"].includes(error.code ?? "")) throw error;
}
