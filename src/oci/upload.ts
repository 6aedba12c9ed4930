import type { Blob } from "./blob.ts";
import { TransientFailure } from "./failures.ts";
import type { Transport } from "./transport.ts";

export interface UploadResult {
  /** False when the registry had the blob already, or took it from another of its repositories. */
  readonly uploaded: boolean;
  /** Bytes of the blob that went over the wire. */
  readonly bytesSent: number;
}

export interface UploadContext {
  readonly transport: Transport;
  readonly repository: string;
  readonly scope: string;
  /** Above this size a blob goes in parts, which survive a broken connection. */
  readonly chunkedAboveBytes: number;
  readonly chunkBytes: number;
}

/** Sends a blob that the registry has not. `mountFrom`: a repository of the same registry that may have it. */
export async function uploadBlob(
  context: UploadContext,
  blob: Blob,
  mountFrom?: string,
): Promise<UploadResult> {
  return context.transport.retried(async () => {
    const session = await openSession(context, blob, mountFrom);
    if (session === null) return { uploaded: false, bytesSent: 0 };
    const chunked = blob.sizeBytes > context.chunkedAboveBytes;
    if (chunked) await sendChunks(context, blob, session);
    await close(context, blob, session, chunked ? blob.sizeBytes : 0);
    return { uploaded: true, bytesSent: blob.sizeBytes };
  });
}

interface Session {
  /** Where the next request goes; each answer may move it. */
  location: URL;
  chunkBytes: number;
}

async function openSession(context: UploadContext, blob: Blob, mountFrom?: string): Promise<Session | null> {
  const { transport, repository } = context;
  const url = new URL(`${repository}/blobs/uploads/`, transport.base);
  if (mountFrom !== undefined) {
    url.searchParams.set("mount", blob.digest);
    url.searchParams.set("from", mountFrom);
  }
  const scope = mountFrom === undefined ? context.scope : `${context.scope} repository:${mountFrom}:pull`;
  const response = await transport.send({
    method: "POST",
    url,
    scope,
    headers: { "content-length": "0" },
    action: `start the upload of the blob ${blob.digest}`,
    expect: mountFrom === undefined ? [202] : [201, 202],
    repeatable: false,
  });
  await response.body?.cancel();
  if (response.status === 201) return null;
  const least = Number(response.headers.get("oci-chunk-min-length") ?? 0);
  return { location: locationOf(response, url), chunkBytes: Math.max(context.chunkBytes, least || 0) };
}

async function sendChunks(context: UploadContext, blob: Blob, session: Session): Promise<void> {
  let offset = 0;
  for (let failures = 0; offset < blob.sizeBytes;) {
    const end = Math.min(offset + session.chunkBytes, blob.sizeBytes);
    try {
      await sendChunk(context, blob, session, offset, end);
      offset = end;
    } catch (error) {
      if (!(error instanceof TransientFailure) || ++failures > 3) throw error;
      offset = await receivedBytes(context, blob, session);
    }
  }
}

async function sendChunk(context: UploadContext, blob: Blob, session: Session, start: number, end: number) {
  const response = await context.transport.send({
    method: "PATCH",
    url: session.location,
    scope: context.scope,
    headers: {
      "content-type": "application/octet-stream",
      "content-range": `${String(start)}-${String(end - 1)}`,
    },
    body: { sizeBytes: end - start, open: () => blob.open(start, end) },
    action: `upload bytes ${String(start)} to ${String(end)} of the blob ${blob.digest}`,
    expect: [202],
    repeatable: false,
  });
  await response.body?.cancel();
  session.location = locationOf(response, session.location);
}

/** How much of the upload the registry holds. */
async function receivedBytes(context: UploadContext, blob: Blob, session: Session): Promise<number> {
  const response = await context.transport.send({
    method: "GET",
    url: session.location,
    scope: context.scope,
    action: `ask for the state of the upload of the blob ${blob.digest}`,
    expect: [204],
  });
  await response.body?.cancel();
  session.location = locationOf(response, session.location);
  const last = /(\d+)-(\d+)$/.exec(response.headers.get("range") ?? "")?.[2];
  // An empty upload is told as 0-0 by some registries, which is also one byte: sending it again is refused, so start over.
  return last === undefined || last === "0" ? 0 : Number(last) + 1;
}

async function close(context: UploadContext, blob: Blob, session: Session, start: number): Promise<void> {
  const url = new URL(session.location);
  url.searchParams.set("digest", blob.digest);
  const response = await context.transport.send({
    method: "PUT",
    url,
    scope: context.scope,
    headers: { "content-type": "application/octet-stream" },
    body: { sizeBytes: blob.sizeBytes - start, open: () => blob.open(start, blob.sizeBytes) },
    action: `upload the blob ${blob.digest}`,
    expect: [201],
    repeatable: false,
  });
  await response.body?.cancel();
}

function locationOf(response: Response, otherwise: URL): URL {
  const location = response.headers.get("location");
  return location === null ? otherwise : new URL(location, otherwise);
}
