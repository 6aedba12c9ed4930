import type { IncomingMessage } from "node:http";
import { digestOf, isDigest, isIndex, isTag, mediaTypes, parseManifest } from "../../oci/oci.ts";
import type { ImageIndex, ImageManifest } from "../../oci/oci.ts";
import { answerEmpty, bytesOf, notAllowed, RegistryRefusal } from "./answers.ts";
import type { RegistryCall } from "./routes.ts";
import type { Storage } from "./storage.ts";

const maxManifestBytes = 4 << 20;

/** `HEAD`, `GET` and `PUT /v2/<repository>/manifests/<tag or digest>`. */
export async function answerManifestRequest(call: RegistryCall, storage: Storage): Promise<void> {
  const { method, repository, name, response } = call;
  if (!isDigest(name) && !isTag(name))
    throw new RegistryRefusal(400, "TAG_INVALID", `"${name.slice(0, 200)}" is neither a tag nor a digest`);
  if (method === "PUT") return putManifest(call, storage);
  if (method !== "GET" && method !== "HEAD") throw notAllowed(method);
  const manifest = await storage.getManifest(repository, name);
  if (manifest === null)
    throw new RegistryRefusal(404, "MANIFEST_UNKNOWN", `no manifest ${name} in ${repository}`);
  response.writeHead(200, {
    "content-type": manifest.mediaType,
    "content-length": manifest.bytes.length,
    "docker-content-digest": manifest.digest,
    etag: `"${manifest.digest}"`,
  });
  response.end(method === "HEAD" ? undefined : manifest.bytes);
}

/** A tag moves only to a manifest that is valid and whose blobs are all here. */
async function putManifest(
  { repository, name, request, response }: RegistryCall,
  storage: Storage,
): Promise<void> {
  const bytes = await readWhole(request);
  const digest = digestOf(bytes, isDigest(name) ? name.slice(0, name.indexOf(":")) : "sha256");
  if (isDigest(name) && digest !== name)
    throw new RegistryRefusal(400, "DIGEST_INVALID", `the manifest has the digest ${digest}, not ${name}`);
  const declared = request.headers["content-type"]?.split(";")[0]?.trim();
  const manifest = readManifest(bytes, `${repository}:${name}`, declared);
  if (isIndex(manifest)) await requireManifests(repository, manifest, storage);
  else await requireBlobs(manifest, storage);
  const mediaType =
    manifest.mediaType ?? declared ?? (isIndex(manifest) ? mediaTypes.index : mediaTypes.manifest);
  await storage.putManifest(
    repository,
    bytes,
    mediaType,
    isDigest(name) ? { digest } : { digest, tag: name },
  );
  answerEmpty(response, 201, {
    location: `/v2/${repository}/manifests/${digest}`,
    "docker-content-digest": digest,
  });
}

async function requireManifests(repository: string, index: ImageIndex, storage: Storage): Promise<void> {
  for (const { digest } of index.manifests) {
    if ((await storage.getManifest(repository, digest)) !== null) continue;
    throw new RegistryRefusal(
      400,
      "MANIFEST_UNKNOWN",
      `the index names a manifest that is not here: ${digest}`,
    );
  }
}

async function requireBlobs(manifest: ImageManifest, storage: Storage): Promise<void> {
  for (const { digest, size, mediaType } of [manifest.config, ...manifest.layers]) {
    const found = await storage.blobSize(digest);
    // Layers that may not be copied stay with their publisher.
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

function readManifest(
  bytes: Buffer,
  place: string,
  mediaType: string | undefined,
): ImageManifest | ImageIndex {
  try {
    return parseManifest(bytes, place, mediaType);
  } catch (error) {
    throw new RegistryRefusal(400, "MANIFEST_INVALID", (error as Error).message);
  }
}

async function readWhole(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of bytesOf(request)) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxManifestBytes)
      throw new RegistryRefusal(
        413,
        "MANIFEST_INVALID",
        `a manifest has ${String(maxManifestBytes)} bytes at most`,
      );
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
