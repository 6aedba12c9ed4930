import { systemClock } from "../model/clock.ts";
import type { Clock } from "../model/clock.ts";
import { usageError } from "../model/errors.ts";
import { createAuthorization } from "./authorization.ts";
import type { Credentials } from "./authorization.ts";
import { digestMismatch, digestOf, verified } from "./blob.ts";
import type { Blob } from "./blob.ts";
import { parseManifest } from "./manifest.ts";
import type { Descriptor, ImageIndex, ImageManifest } from "./manifest.ts";
import { manifestMediaTypes, mediaTypes } from "./media-types.ts";
import { isLoopbackRegistry, parseReference, repositoryName } from "./reference.ts";
import type { Reference } from "./reference.ts";
import { downloadBlob } from "./download.ts";
import { createTransport } from "./transport.ts";
import type { Transport } from "./transport.ts";
import { uploadBlob } from "./upload.ts";
import type { UploadResult } from "./upload.ts";
export type { UploadResult } from "./upload.ts";

export interface RepositoryOptions {
  readonly credentials?: Credentials | undefined;
  /** Where the user writes the credentials, for errors: `the secrets REGISTRY_USER and REGISTRY_PASSWORD`. */
  readonly credentialsAt?: string;
  /** Plain HTTP. @default true for a registry on loopback, false for any other, for which true is refused. */
  readonly insecure?: boolean;
  readonly signal?: AbortSignal;
  /** How long nothing may move before an attempt is given up. @default 60000 */
  readonly idleTimeoutMs?: number;
  /** Attempts in all, for what may be repeated. @default 4 */
  readonly attempts?: number;
  /** Blobs above this size are sent in parts of `chunkBytes`. @default 64 MiB and 32 MiB */
  readonly chunkedAboveBytes?: number;
  readonly chunkBytes?: number;
  readonly clock?: Clock;
}

export interface FetchedManifest {
  readonly digest: string;
  readonly mediaType: string;
  /** As the registry sent them: the digest is of these. */
  readonly bytes: Uint8Array;
  readonly manifest: ImageManifest | ImageIndex;
}

/** One repository of a registry, by the distribution API. Errors are FairwayErrors with a code `REGISTRY_...`. */
export interface Repository {
  readonly reference: Reference;
  /** `registry/repository` */
  readonly name: string;
  /** The blob's size, or null when the registry has it not. */
  statBlob(digest: string): Promise<{ readonly sizeBytes: number } | null>;
  /** The bytes; the last step of the iteration throws `REGISTRY_DIGEST_MISMATCH` when they have another digest. */
  getBlob(digest: string): AsyncIterable<Uint8Array>;
  /** A whole blob of at most `maxBytes`, verified. @default 8 MiB */
  readBlob(digest: string, maxBytes?: number): Promise<Uint8Array>;
  /** Sends the blob when the registry has it not. */
  putBlob(blob: Blob, options?: { readonly mountFrom?: string }): Promise<UploadResult>;
  /** The descriptor of a tag or digest, or null. @default the reference's own */
  headManifest(tagOrDigest?: string): Promise<Descriptor | null>;
  getManifest(tagOrDigest?: string): Promise<FetchedManifest>;
  /** Stores the manifest under its digest, and under `tag` too when one is named. The bytes are stored as given. */
  putManifest(
    manifest: ImageManifest | ImageIndex | Uint8Array,
    options?: { readonly tag?: string; readonly mediaType?: string },
  ): Promise<Descriptor>;
  /** In the registry's order; empty for a repository that is not there. */
  listTags(): Promise<readonly string[]>;
}

/** Opens a repository; nothing is sent before the first call of a method. */
export function openRepository(of: string | Reference, options: RepositoryOptions = {}): Repository {
  const reference = typeof of === "string" ? parseReference(of) : of;
  const { repository } = reference;
  const transport = transportOf(reference, options);
  const place = repositoryName(reference);
  const pull = `repository:${repository}:pull`;
  const push = `repository:${repository}:pull,push`;
  const url = (path: string) => new URL(`${repository}/${path}`, transport.base);
  const own = reference.digest ?? reference.tag ?? "latest";

  const open = (digest: string) => {
    const action = `read the blob ${digest}`;
    const bytes = downloadBlob(transport, { url: url(`blobs/${digest}`), scope: pull, action });
    return verified(bytes, digest, place);
  };

  const repositoryObject: Repository = {
    reference,
    name: place,

    async statBlob(digest) {
      const action = `look for the blob ${digest}`;
      const response = await transport.send({
        method: "HEAD",
        url: url(`blobs/${digest}`),
        scope: pull,
        action,
        expect: [200, 404],
      });
      await response.body?.cancel();
      return response.status === 404
        ? null
        : { sizeBytes: Number(response.headers.get("content-length") ?? 0) };
    },

    async *getBlob(digest) {
      yield* open(digest);
    },

    async readBlob(digest, maxBytes = 8 << 20) {
      return collect(open(digest), maxBytes, `${place}: the blob ${digest}`);
    },

    async putBlob(blob, { mountFrom } = {}) {
      if ((await repositoryObject.statBlob(blob.digest)) !== null) return { uploaded: false, bytesSent: 0 };
      const { chunkedAboveBytes = 64 << 20, chunkBytes = 32 << 20 } = options;
      return uploadBlob(
        { transport, repository, scope: push, chunkedAboveBytes, chunkBytes },
        blob,
        mountFrom,
      );
    },

    async headManifest(tagOrDigest = own) {
      const response = await transport.send({
        method: "HEAD",
        url: url(`manifests/${tagOrDigest}`),
        headers: { accept: manifestMediaTypes.join(", ") },
        scope: pull,
        action: `look for the manifest ${tagOrDigest}`,
        expect: [200, 404],
      });
      await response.body?.cancel();
      if (response.status === 404) return null;
      const digest = response.headers.get("docker-content-digest");
      const size = Number(response.headers.get("content-length") ?? 0);
      const mediaType = mediaTypeOf(response);
      if (digest !== null) return { mediaType, digest, size };
      // A registry need not tell the digest of a HEAD: then the bytes tell it.
      const fetched = await repositoryObject.getManifest(tagOrDigest);
      return { mediaType: fetched.mediaType, digest: fetched.digest, size: fetched.bytes.byteLength };
    },

    async getManifest(tagOrDigest = own) {
      const action = `read the manifest ${tagOrDigest}`;
      const response = await transport.send({
        method: "GET",
        url: url(`manifests/${tagOrDigest}`),
        headers: { accept: manifestMediaTypes.join(", ") },
        scope: pull,
        action,
        expect: [200],
      });
      const bytes = await transport.text(response, action);
      const wanted = tagOrDigest.includes(":") ? tagOrDigest : response.headers.get("docker-content-digest");
      const digest = digestOf(bytes, wanted?.slice(0, wanted.indexOf(":")));
      if (wanted !== null && digest !== wanted) throw digestMismatch(place, wanted, digest);
      const manifest = parseManifest(bytes, `${place}@${digest}`, mediaTypeOf(response));
      return { digest, mediaType: manifest.mediaType ?? mediaTypeOf(response), bytes, manifest };
    },

    async putManifest(manifest, { tag, mediaType: given } = {}) {
      const bytes =
        manifest instanceof Uint8Array ? manifest : new TextEncoder().encode(JSON.stringify(manifest));
      const digest = digestOf(bytes);
      const parsed = parseManifest(bytes, `${place}@${digest}`, given);
      const mediaType =
        given ?? parsed.mediaType ?? ("manifests" in parsed ? mediaTypes.index : mediaTypes.manifest);
      const response = await transport.send({
        method: "PUT",
        url: url(`manifests/${tag ?? digest}`),
        headers: { "content-type": mediaType },
        body: { sizeBytes: bytes.byteLength, open: () => [bytes] },
        scope: push,
        action: `push the manifest ${tag ?? digest}`,
        expect: [201],
      });
      await response.body?.cancel();
      const stored = response.headers.get("docker-content-digest");
      if (stored !== null && stored !== digest) throw digestMismatch(place, digest, stored);
      return { mediaType, digest, size: bytes.byteLength };
    },

    async listTags() {
      const tags: string[] = [];
      for (let next: URL | null = url("tags/list"); next !== null;) {
        const response: Response = await transport.send({
          method: "GET",
          url: next,
          scope: pull,
          action: "list the tags",
          expect: [200, 404],
        });
        const bytes = await transport.text(response, "list the tags");
        if (response.status === 404) return tags;
        const page = JSON.parse(new TextDecoder().decode(bytes)) as { tags?: string[] | null };
        tags.push(...(page.tags ?? []));
        const link = /<([^>]+)>\s*;\s*rel="?next"?/.exec(response.headers.get("link") ?? "")?.[1];
        next = link === undefined ? null : new URL(link, next);
      }
      return tags;
    },
  };
  return repositoryObject;
}

function transportOf(reference: Reference, options: RepositoryOptions): Transport {
  const { registry, repository } = reference;
  const loopback = isLoopbackRegistry(registry);
  if (options.insecure === true && !loopback)
    throw usageError(`${registry} would be spoken to without TLS; only a registry on this machine may be`, {
      code: "REGISTRY_INSECURE",
      place: registry,
      remedy: "put TLS before the registry, or reach it through a port of this machine: 127.0.0.1:<port>",
    });
  const host = registry === "docker.io" ? "registry-1.docker.io" : registry;
  const base = new URL(`${(options.insecure ?? loopback) ? "http" : "https"}://${host}/v2/`);
  const clock = options.clock ?? systemClock;
  const shared = {
    asked: {
      registry,
      repository,
      credentialsAt: options.credentialsAt,
      hasCredentials: options.credentials !== undefined,
    },
    clock,
    signal: options.signal,
    idleTimeoutMs: options.idleTimeoutMs ?? 60_000,
    attempts: options.attempts ?? 4,
  };
  const authorization = createAuthorization({
    registry,
    credentials: options.credentials,
    clock,
    getJson: async (url, headers) => {
      const anonymous = { header: () => undefined, answer: () => Promise.resolve(false) };
      const tokens = createTransport({ ...shared, base: url, authorization: anonymous });
      const action = "log in at its token server";
      const response = await tokens.send({
        method: "GET",
        url,
        headers,
        scope: "",
        action,
        expect: [200, 400, 401, 403, 404],
      });
      return { status: response.status, body: new TextDecoder().decode(await tokens.text(response, action)) };
    },
  });
  return createTransport({ ...shared, base, authorization });
}

function mediaTypeOf(response: Response): string {
  return (
    (response.headers.get("content-type") ?? mediaTypes.manifest).split(";")[0]?.trim() ?? mediaTypes.manifest
  );
}

async function collect(
  bytes: AsyncIterable<Uint8Array>,
  maxBytes: number,
  what: string,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of bytes) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > maxBytes) throw new RangeError(`${what} is larger than ${String(maxBytes)} bytes`);
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}
