import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { digestOf, isDigest, isRepository, isTag, parseManifest } from "../../oci/oci.ts";
import { answerEmpty, answerJson, RegistryRefusal } from "./answers.ts";
import { rangeOf } from "./uploads.ts";
import type { Storage } from "./storage.ts";
import type { Uploads } from "./uploads.ts";

const maxManifestBytes = 4 << 20;

/** The endpoints of the distribution specification, except `/v2/`. Deleting is refused: digests are what is deployed. */
export function createRoutes(storage: Storage, uploads: Uploads) {
  return async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    const method = request.method ?? "GET";
    if (url.pathname === "/v2/_catalog" && method === "GET")
      return page(response, url, "repositories", await storage.repositories());

    const match = /^\/v2\/(.+)\/(blobs|manifests|tags|referrers)\/([^/]*)(?:\/([^/]*))?$/.exec(url.pathname);
    const [, repository = "", kind, last = "", more] = match ?? [];
    if (match === null)
      throw new RegistryRefusal(404, "UNSUPPORTED", `no such endpoint: ${url.pathname.slice(0, 200)}`);
    const upload = uploadPath(url.pathname);
    if (!isRepository(upload?.repository ?? repository))
      throw new RegistryRefusal(400, "NAME_INVALID", `"${repository.slice(0, 200)}" is no repository name`);
    if (upload !== undefined) return uploadRoute(method, upload, request, response, url);
    if (more !== undefined || kind === "referrers")
      throw new RegistryRefusal(404, "UNSUPPORTED", "no such endpoint");
    if (kind === "tags" && last === "list" && method === "GET") return tagsRoute(repository, response, url);
    if (kind === "blobs") return blobRoute(method, last, request, response);
    if (kind === "manifests") return manifestRoute(method, repository, last, request, response);
    throw notAllowed(method);
  };

  async function blobRoute(
    method: string,
    digest: string,
    request: IncomingMessage,
    response: ServerResponse,
  ) {
    if (method !== "GET" && method !== "HEAD") throw notAllowed(method);
    requireDigest(digest);
    const sizeBytes = await storage.blobSize(digest);
    if (sizeBytes === null) throw new RegistryRefusal(404, "BLOB_UNKNOWN", `no blob ${digest}`);
    const range = method === "GET" ? requestedRange(request, sizeBytes) : undefined;
    response.writeHead(range === undefined ? 200 : 206, {
      "content-type": "application/octet-stream",
      "content-length": range === undefined ? sizeBytes : range.end - range.start + 1,
      "docker-content-digest": digest,
      "accept-ranges": "bytes",
      etag: `"${digest}"`,
      ...(range === undefined
        ? {}
        : { "content-range": `bytes ${String(range.start)}-${String(range.end)}/${String(sizeBytes)}` }),
    });
    if (method === "HEAD" || sizeBytes === 0) response.end();
    else await pipeline(storage.readBlob(digest, range), response).catch(ignoreHangUp);
  }

  async function manifestRoute(
    method: string,
    repository: string,
    reference: string,
    request: IncomingMessage,
    response: ServerResponse,
  ) {
    if (!isDigest(reference) && !isTag(reference))
      throw new RegistryRefusal(
        400,
        "TAG_INVALID",
        `"${reference.slice(0, 200)}" is neither a tag nor a digest`,
      );
    if (method === "PUT") return putManifest(repository, reference, request, response);
    if (method !== "GET" && method !== "HEAD") throw notAllowed(method);
    const manifest = await storage.getManifest(repository, reference);
    if (manifest === null)
      throw new RegistryRefusal(404, "MANIFEST_UNKNOWN", `no manifest ${reference} in ${repository}`);
    response.writeHead(200, {
      "content-type": manifest.mediaType,
      "content-length": manifest.bytes.length,
      "docker-content-digest": manifest.digest,
      etag: `"${manifest.digest}"`,
    });
    response.end(method === "HEAD" ? undefined : manifest.bytes);
  }

  async function putManifest(
    repository: string,
    reference: string,
    request: IncomingMessage,
    response: ServerResponse,
  ) {
    const bytes = await readWhole(request, maxManifestBytes);
    const byDigest = isDigest(reference);
    const digest = digestOf(bytes, byDigest ? reference.slice(0, reference.indexOf(":")) : "sha256");
    if (byDigest && digest !== reference)
      throw new RegistryRefusal(
        400,
        "DIGEST_INVALID",
        `the manifest has the digest ${digest}, not ${reference}`,
      );
    const declared = request.headers["content-type"]?.split(";")[0]?.trim();
    const manifest = readManifest(bytes, `${repository}:${reference}`, declared);
    await requireReferenced(repository, manifest);
    const mediaType = manifest.mediaType ?? declared ?? "application/vnd.oci.image.manifest.v1+json";
    await storage.putManifest(
      repository,
      bytes,
      mediaType,
      byDigest ? { digest } : { digest, tag: reference },
    );
    const location = `/v2/${repository}/manifests/${digest}`;
    answerEmpty(response, 201, { location, "docker-content-digest": digest });
  }

  async function requireReferenced(repository: string, manifest: ReturnType<typeof parseManifest>) {
    if ("manifests" in manifest) {
      for (const { digest } of manifest.manifests)
        if ((await storage.getManifest(repository, digest)) === null)
          throw new RegistryRefusal(
            400,
            "MANIFEST_UNKNOWN",
            `the index names a manifest that is not here: ${digest}`,
          );
      return;
    }
    for (const { digest, size, mediaType } of [manifest.config, ...manifest.layers]) {
      const found = await storage.blobSize(digest);
      if (found === null && mediaType.includes("nondistributable")) continue;
      if (found === null)
        throw new RegistryRefusal(
          400,
          "MANIFEST_BLOB_UNKNOWN",
          `the manifest names a blob that is not here: ${digest}`,
        );
      if (found !== size)
        throw new RegistryRefusal(
          400,
          "SIZE_INVALID",
          `${digest} has ${String(found)} bytes, not ${String(size)}`,
        );
    }
  }

  async function uploadRoute(
    method: string,
    { repository, id }: UploadPath,
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
  ) {
    const digest = url.searchParams.get("digest");
    if (digest !== null) requireDigest(digest);
    if (id === "" && method === "POST") return startUpload(repository, digest, request, response, url);
    if (id === "") throw notAllowed(method);
    if (method === "GET") return answerUpload(response, 204, repository, id, await uploads.sizeOf(id));
    if (method === "DELETE") return uploads.cancel(id).then(() => answerEmpty(response, 204));
    if (method === "PATCH")
      return answerUpload(
        response,
        202,
        repository,
        id,
        await uploads.append(id, request, contentStart(request)),
      );
    if (method !== "PUT") throw notAllowed(method);
    if (digest === null)
      throw new RegistryRefusal(400, "DIGEST_INVALID", "the digest of the blob is missing");
    await uploads.append(id, request, contentStart(request));
    await uploads.finish(id, digest);
    answerBlob(response, repository, digest);
  }

  async function startUpload(
    repository: string,
    digest: string | null,
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
  ) {
    const mount = url.searchParams.get("mount");
    if (mount !== null && isDigest(mount) && (await storage.blobSize(mount)) !== null)
      return answerBlob(response, repository, mount);
    const id = await uploads.start();
    if (digest === null) return answerUpload(response, 202, repository, id, 0);
    await uploads.append(id, request, 0);
    await uploads.finish(id, digest);
    answerBlob(response, repository, digest);
  }

  async function tagsRoute(repository: string, response: ServerResponse, url: URL) {
    const tags = await storage.tags(repository);
    if (tags === null) throw new RegistryRefusal(404, "NAME_UNKNOWN", `no repository ${repository}`);
    page(response, url, "tags", tags, { name: repository });
  }
}

interface UploadPath {
  readonly repository: string;
  /** Empty for the start of one. */
  readonly id: string;
}

function uploadPath(path: string): UploadPath | undefined {
  const match = /^\/v2\/(.+)\/blobs\/uploads(?:\/([^/]*))?$/.exec(path);
  return match === null ? undefined : { repository: match[1] ?? "", id: match[2] ?? "" };
}

function answerUpload(
  response: ServerResponse,
  status: number,
  repository: string,
  id: string,
  sizeBytes: number,
): void {
  answerEmpty(response, status, {
    location: `/v2/${repository}/blobs/uploads/${id}`,
    range: rangeOf(sizeBytes),
    "docker-upload-uuid": id,
  });
}

function answerBlob(response: ServerResponse, repository: string, digest: string): void {
  answerEmpty(response, 201, {
    location: `/v2/${repository}/blobs/${digest}`,
    "docker-content-digest": digest,
  });
}

/** A list in parts of `n`, after `last`. */
function page(
  response: ServerResponse,
  url: URL,
  name: string,
  all: readonly string[],
  more: object = {},
): void {
  const last = url.searchParams.get("last");
  const count = Number(url.searchParams.get("n") ?? all.length);
  if (!Number.isInteger(count) || count < 0)
    throw new RegistryRefusal(400, "PAGINATION_NUMBER_INVALID", "n is no number");
  const rest = last === null ? all : all.filter((each) => each > last);
  const part = rest.slice(0, count);
  const next = part.at(-1);
  const link = `<${url.pathname}?n=${String(count)}&last=${encodeURIComponent(next ?? "")}>; rel="next"`;
  answerJson(
    response,
    { ...more, [name]: part },
    next !== undefined && part.length < rest.length ? { link } : {},
  );
}

function readManifest(bytes: Buffer, place: string, mediaType: string | undefined) {
  try {
    return parseManifest(bytes, place, mediaType);
  } catch (error) {
    throw new RegistryRefusal(400, "MANIFEST_INVALID", (error as Error).message);
  }
}

async function readWhole(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes)
      throw new RegistryRefusal(413, "MANIFEST_INVALID", `a manifest has ${String(maxBytes)} bytes at most`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function contentStart(request: IncomingMessage): number | undefined {
  const start = /^(?:bytes[ =])?(\d+)-\d+/.exec(request.headers["content-range"] ?? "")?.[1];
  return start === undefined ? undefined : Number(start);
}

function requestedRange(
  request: IncomingMessage,
  sizeBytes: number,
): { start: number; end: number } | undefined {
  const match = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
  if (match === null) return undefined;
  const start = Number(match[1]);
  const end = Math.min(match[2] === "" ? sizeBytes - 1 : Number(match[2]), sizeBytes - 1);
  if (start > end)
    throw new RegistryRefusal(416, "RANGE_INVALID", `the blob has ${String(sizeBytes)} bytes`, {
      "content-range": `bytes */${String(sizeBytes)}`,
    });
  return { start, end };
}

function requireDigest(digest: string): void {
  if (!isDigest(digest))
    throw new RegistryRefusal(400, "DIGEST_INVALID", `"${digest.slice(0, 200)}" is no digest`);
}

function notAllowed(method: string): RegistryRefusal {
  return new RegistryRefusal(
    405,
    "UNSUPPORTED",
    `${method} is not supported here; nothing is deleted from this registry`,
  );
}

/** A client that hangs up is no fault of ours. */
function ignoreHangUp(error: NodeJS.ErrnoException): void {
  if (error.code !== "ERR_STREAM_PREMATURE_CLOSE" && error.code !== "ECONNRESET" && error.code !== "EPIPE")
    throw error;
}
