import { blobOf } from "./blob.ts";
import type { Blob } from "./blob.ts";
import { isIndex, parseConfig, selectPlatform } from "./manifest.ts";
import type { Descriptor, ImageConfig, ImageIndex, ImageManifest, Platform } from "./manifest.ts";
import { mediaTypes } from "./media-types.ts";
import type { Repository } from "./repository.ts";

/** One image for one platform. */
export interface Image {
  /** Of the platform's manifest. */
  readonly digest: string;
  readonly manifest: ImageManifest;
  readonly config: ImageConfig;
}

/** Reads manifest and config by tag or digest; of an index, the platform's. @default the reference's own, linux on this CPU */
export async function readImage(
  repository: Repository,
  tagOrDigest?: string,
  platform: Platform = thisPlatform(),
): Promise<Image> {
  const fetched = await repository.getManifest(tagOrDigest);
  if (isIndex(fetched.manifest)) {
    const place = `${repository.name}@${fetched.digest}`;
    return readImage(repository, selectPlatform(fetched.manifest, platform, place).digest, platform);
  }
  const { config } = fetched.manifest;
  const bytes = await repository.readBlob(config.digest);
  return {
    digest: fetched.digest,
    manifest: fetched.manifest,
    config: parseConfig(bytes, `${repository.name}@${fetched.digest}`),
  };
}

export type ImageForm = "oci" | "docker";

export interface PushRequest {
  /** Bottom first, compressed; their diff ids stand in the config in the same order. */
  readonly layers: readonly (Blob & { readonly mediaType?: string })[];
  readonly config: ImageConfig;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Whose media types manifest and config have; those of the layers are their own. @default "oci" */
  readonly form?: ImageForm;
  /** Without a tag the image can be reached by its digest only. */
  readonly tag?: string;
  /** A repository of the same registry that may hold the layers of the base. */
  readonly mountFrom?: string;
}

export interface PushedImage {
  readonly descriptor: Descriptor;
  /** Blobs that the registry had not, and their bytes; 0 for an unchanged image. */
  readonly blobsSent: number;
  readonly bytesSent: number;
}

/** Pushes layers, config and manifest, in this order; three layers at a time. The same request gives the same digest. */
export async function pushImage(repository: Repository, request: PushRequest): Promise<PushedImage> {
  const { manifest, config } = manifestOf(request);
  const mount = request.mountFrom === undefined ? {} : { mountFrom: request.mountFrom };
  const unique = [...new Map([...request.layers, config].map((blob) => [blob.digest, blob])).values()];
  const sent = await inParallel(unique, 3, (blob) => repository.putBlob(blob, mount));
  const descriptor = await repository.putManifest(
    manifest,
    request.tag === undefined ? {} : { tag: request.tag },
  );
  return {
    descriptor,
    blobsSent: sent.filter(({ uploaded }) => uploaded).length,
    bytesSent: sent.reduce((sum, { bytesSent }) => sum + bytesSent, 0),
  };
}

/** The manifest of an image, and its config as a blob. Docker's manifests have no annotations. */
export function manifestOf(request: Omit<PushRequest, "tag" | "mountFrom">): {
  readonly manifest: ImageManifest;
  readonly config: Blob;
} {
  const isDocker = request.form === "docker";
  const config = blobOf(JSON.stringify(request.config));
  const manifest: ImageManifest = {
    schemaVersion: 2,
    mediaType: isDocker ? mediaTypes.dockerManifest : mediaTypes.manifest,
    config: {
      mediaType: isDocker ? mediaTypes.dockerConfig : mediaTypes.config,
      digest: config.digest,
      size: config.sizeBytes,
    },
    layers: request.layers.map((layer) => ({
      mediaType: layer.mediaType ?? mediaTypes.layerGzip,
      digest: layer.digest,
      size: layer.sizeBytes,
    })),
    ...(request.annotations === undefined || isDocker ? {} : { annotations: request.annotations }),
  };
  return { manifest, config };
}

/** The images of several platforms under one name. */
export function indexOf(
  images: readonly { readonly descriptor: Descriptor; readonly config: ImageConfig }[],
  form: ImageForm = "oci",
): ImageIndex {
  return {
    schemaVersion: 2,
    mediaType: form === "docker" ? mediaTypes.dockerManifestList : mediaTypes.index,
    manifests: images.map(({ descriptor, config: { architecture, os, variant } }) => {
      const { mediaType, digest, size } = descriptor;
      const platform = { architecture, os, ...(variant === undefined ? {} : { variant }) };
      return { mediaType, digest, size, platform };
    }),
  };
}

function thisPlatform(): Platform {
  const architectures: Partial<Record<string, string>> = { x64: "amd64", ia32: "386" };
  return { os: "linux", architecture: architectures[process.arch] ?? process.arch };
}

async function inParallel<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const worker = async () => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  const ended = await Promise.allSettled(Array.from({ length: Math.min(limit, items.length) }, worker));
  const failed = ended.find((end) => end.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return results;
}
