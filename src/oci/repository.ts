import { failure } from "../model/errors.ts";
import { digestMismatch, digestOf, verified } from "./blob.ts";
import type { Blob } from "./blob.ts";
import { connect } from "./connect.ts";
import type { RepositoryOptions } from "./connect.ts";
import { downloadBlob } from "./download.ts";
import { parseManifest, parseTags } from "./manifest.ts";
import type { Descriptor, ImageIndex, ImageManifest } from "./manifest.ts";
import { manifestMediaTypes, mediaTypes } from "./media-types.ts";
import { parseReference, repositoryName } from "./reference.ts";
import type { Reference } from "./reference.ts";
import { uploadBlob } from "./upload.ts";
import type { UploadResult } from "./upload.ts";
export type { RepositoryOptions } from "./connect.ts";
export type { UploadResult } from "./upload.ts";

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
  const transport = connect(reference, options);
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

  const stat = async (digest: string, scope: string) => {
    const action = `look for the blob ${digest}`;
    const expect = [200, 404];
    const response = await transport.send({
      method: "HEAD",
      url: url(`blobs/${digest}`),
      scope,
      action,
      expect,
    });
    await response.body?.cancel();
    return response.status === 404
      ? null
      : { sizeBytes: Number(response.headers.get("content-length") ?? 0) };
  };

  const repositoryObject: Repository = {
    reference,
    name: place,

    statBlob: (digest) => stat(digest, pull),

    async *getBlob(digest) {
      yield* open(digest);
    },

    async readBlob(digest, maxBytes = 8 << 20) {
      return collect(open(digest), maxBytes, `${place}: the blob ${digest}`);
    },

    async putBlob(blob, { mountFrom } = {}) {
      if ((await stat(blob.digest, push)) !== null) return { uploaded: false, bytesSent: 0 };
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
        tags.push(...parseTags(bytes, place));
        const link = /<([^>]+)>\s*;\s*rel="?next"?/.exec(response.headers.get("link") ?? "")?.[1];
        next = link === undefined ? null : new URL(link, next);
      }
      return tags;
    },
  };
  return repositoryObject;
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
    if (sizeBytes > maxBytes)
      throw failure(`${what} is larger than ${String(maxBytes)} bytes`, { code: "IMAGE_MANIFEST" });
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}
