import type { PublishedImage, PublishedImages } from "../../engine/engine.ts";
import type { RegistryFetch } from "../../model/registry.ts";
import { digestOf, mediaTypes, parseReference } from "../../oci/oci.ts";

/** A registry in memory: what one engine publishes, another that has the same registry can pull. */
export interface FakeRegistry {
  /** Addresses that were published, without digests, sorted. */
  readonly addresses: readonly string[];
  /** `sha256:...` of what was published there last; undefined where nothing was. */
  digestOf(address: string): string | undefined;
  /**
   * Answers as a registry does, whatever host is asked: manifests and configs of what was published, and the tags that
   * are given to it. Images have no layers, as nothing was built.
   */
  readonly fetch: RegistryFetch;
  readonly images: PublishedImages;
}

export function fakeRegistry(): FakeRegistry {
  const images: PublishedImages = new Map();
  return {
    images,
    get addresses() {
      return [...images.keys()].filter((address) => !address.includes("@")).sort();
    },
    digestOf: (address) => images.get(address)?.digest,
    fetch: (url, request) => answered(images, url, request),
  };
}

/** https://github.com/opencontainers/distribution-spec/blob/main/spec.md, as much of it as reads and tags an image. */
async function answered(images: PublishedImages, url: URL, request: RequestInit): Promise<Response> {
  const [, repository = "", kind = "", name = ""] =
    /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(url.pathname) ?? [];
  const host = url.host === "registry-1.docker.io" ? "docker.io" : url.host;
  const own = [...images].filter(([address]) => isIn(address, host, repository));
  const method = request.method ?? "GET";
  if (kind === "manifests" && method === "PUT") {
    const digest = digestOf(new Uint8Array(await new Response(request.body ?? null).arrayBuffer()));
    const image = own.find(([, published]) => published.digest === digest)?.[1];
    if (image === undefined) return refused(404, "MANIFEST_UNKNOWN");
    images.set(`${host}/${repository}:${name}`, image);
    return new Response(null, { status: 201, headers: { "docker-content-digest": digest } });
  }
  if (method !== "GET" && method !== "HEAD") return refused(405, "UNSUPPORTED");
  const found =
    kind === "manifests"
      ? own.find(([address, { digest }]) => digest === name || parseReference(address).tag === name)?.[1]
      : own.find(([, { config }]) => digestOf(config) === name)?.[1];
  if (found === undefined) return refused(404, kind === "manifests" ? "MANIFEST_UNKNOWN" : "BLOB_UNKNOWN");
  return kind === "manifests"
    ? sent(found.manifest, mediaTypes.manifest, found, method)
    : sent(found.config, "application/octet-stream", found, method);
}

function isIn(address: string, host: string, repository: string): boolean {
  const reference = parseReference(address);
  return reference.registry === host && reference.repository === repository;
}

function sent(bytes: Uint8Array, type: string, { digest }: PublishedImage, method: string): Response {
  const headers = {
    "content-type": type,
    "content-length": String(bytes.byteLength),
    ...(type === mediaTypes.manifest ? { "docker-content-digest": digest } : {}),
  };
  return new Response(method === "HEAD" ? null : Uint8Array.from(bytes), { headers });
}

function refused(status: number, code: string): Response {
  return Response.json({ errors: [{ code, message: "not in this registry" }] }, { status });
}
