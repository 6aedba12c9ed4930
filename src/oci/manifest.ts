import { failure } from "../model/errors.ts";
import { indexMediaTypes, manifestMediaTypes } from "./media-types.ts";
import { isDigest } from "./reference.ts";
import { count, exactly, isObject, listOf, matching, object, optional, recordOf, text } from "./shape.ts";
import type { Check } from "./shape.ts";

/** https://github.com/opencontainers/image-spec/blob/main/descriptor.md */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
  readonly platform?: Platform;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface Platform {
  /** `amd64`, `arm64`. */
  readonly architecture: string;
  readonly os: string;
  readonly variant?: string;
}

export interface ImageManifest {
  readonly schemaVersion: 2;
  readonly mediaType?: string;
  readonly config: Descriptor;
  /** Bottom first. */
  readonly layers: readonly Descriptor[];
  readonly annotations?: Readonly<Record<string, string>>;
}

/** One image for several platforms. */
export interface ImageIndex {
  readonly schemaVersion: 2;
  readonly mediaType?: string;
  readonly manifests: readonly Descriptor[];
  readonly annotations?: Readonly<Record<string, string>>;
}

/** https://github.com/opencontainers/image-spec/blob/main/config.md */
export interface ImageConfig {
  readonly architecture: string;
  readonly os: string;
  readonly variant?: string;
  /** RFC 3339. */
  readonly created?: string;
  readonly author?: string;
  readonly config?: RuntimeConfig | null;
  /** Digests of the layers' uncompressed tars, bottom first. */
  readonly rootfs: { readonly type: "layers"; readonly diff_ids: readonly string[] };
  readonly history?: readonly HistoryEntry[] | null;
}

export interface RuntimeConfig {
  readonly User?: string;
  readonly Env?: readonly string[] | null;
  readonly Entrypoint?: readonly string[] | null;
  readonly Cmd?: readonly string[] | null;
  readonly WorkingDir?: string;
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly ExposedPorts?: Readonly<Record<string, object>> | null;
  readonly Volumes?: Readonly<Record<string, object>> | null;
  readonly StopSignal?: string;
  /** Docker's extension; buildkit writes it also into OCI images. */
  readonly Healthcheck?: Healthcheck | null;
  readonly Shell?: readonly string[] | null;
}

export interface Healthcheck {
  /** `["CMD", ...]`, `["CMD-SHELL", line]`, `["NONE"]`. */
  readonly Test?: readonly string[] | null;
  /** Nanoseconds, as all of Docker's durations. */
  readonly Interval?: number;
  readonly Timeout?: number;
  readonly StartPeriod?: number;
  readonly StartInterval?: number;
  readonly Retries?: number;
}

export interface HistoryEntry {
  readonly created?: string;
  readonly created_by?: string;
  readonly comment?: string;
  readonly empty_layer?: boolean;
}

/**
 * Reads a manifest or an index. `place` names it in errors: `127.0.0.1:5000/shop/api@sha256:...`.
 * @throws FairwayError `IMAGE_MANIFEST` naming the member that is wrong.
 */
export function parseManifest(
  bytes: Uint8Array,
  place: string,
  mediaType?: string,
): ImageManifest | ImageIndex {
  const value = parseJson(bytes, place, "manifest");
  const declared = declaredMediaType(value) ?? mediaType;
  if (declared !== undefined && !manifestMediaTypes.includes(declared))
    throw failure(`the manifest of ${place} is of the type ${declared}, which is no image`, {
      code: "IMAGE_MANIFEST",
      place,
      remedy: "push the image again with a builder of today (Docker 20.10 or newer, or buildkit)",
    });
  const asIndex =
    declared === undefined ? isObject(value) && "manifests" in value : indexMediaTypes.includes(declared);
  verify(value, asIndex ? indexShape : manifestShape, place, "manifest");
  return value as ImageManifest | ImageIndex;
}

/** Reads an image config. @throws FairwayError `IMAGE_MANIFEST` naming the member that is wrong. */
export function parseConfig(bytes: Uint8Array, place: string): ImageConfig {
  const value = parseJson(bytes, place, "config");
  verify(value, configShape, place, "config");
  return value as ImageConfig;
}

/** Reads one page of a repository's tags. @throws FairwayError `IMAGE_MANIFEST` naming what is wrong. */
export function parseTags(bytes: Uint8Array, place: string): readonly string[] {
  const value = parseJson(bytes, place, "list of tags");
  verify(value, object({ tags: texts }), place, "list of tags");
  return (value as { readonly tags?: readonly string[] | null }).tags ?? [];
}

export function isIndex(manifest: ImageManifest | ImageIndex): manifest is ImageIndex {
  return "manifests" in manifest;
}

/** The manifest of an index for a platform. @throws FairwayError `IMAGE_PLATFORM` listing the platforms there are. */
export function selectPlatform(index: ImageIndex, platform: Platform, place: string): Descriptor {
  const found = index.manifests.find(
    ({ platform: has }) =>
      has?.os === platform.os &&
      has.architecture === platform.architecture &&
      (platform.variant === undefined || has.variant === platform.variant),
  );
  if (found !== undefined) return found;
  const present = index.manifests
    .map(({ platform: has }) => (has === undefined ? "unknown" : `${has.os}/${has.architecture}`))
    .filter((name) => !name.startsWith("unknown"));
  const wanted = `${platform.os}/${platform.architecture}`;
  throw failure(`${place} has no image for ${wanted}; it has ${present.join(", ") || "none"}`, {
    code: "IMAGE_PLATFORM",
    place,
    remedy: `build it for ${wanted} too, or choose an image that has it`,
  });
}

const digest = matching(isDigest, "a digest (sha256: and 64 hexadecimal digits)");

const descriptor: Check = object({
  mediaType: text,
  digest,
  size: count,
  annotations: optional(recordOf(text)),
  platform: optional(object({ architecture: text, os: text, variant: optional(text) })),
});

const manifestShape = object({
  schemaVersion: exactly(2),
  config: descriptor,
  layers: listOf(descriptor),
  annotations: optional(recordOf(text)),
});

const indexShape = object({
  schemaVersion: exactly(2),
  manifests: listOf(descriptor),
  annotations: optional(recordOf(text)),
});

const texts = optional(listOf(text));

const configShape = object({
  architecture: text,
  os: text,
  rootfs: object({ type: exactly("layers"), diff_ids: listOf(digest) }),
  config: optional(
    object({
      User: optional(text),
      Env: texts,
      Entrypoint: texts,
      Cmd: texts,
      WorkingDir: optional(text),
      Labels: optional(recordOf(text)),
      Healthcheck: optional(object({ Test: texts })),
    }),
  ),
  history: optional(listOf(object({ created_by: optional(text), comment: optional(text) }))),
});

function parseJson(bytes: Uint8Array, place: string, what: string): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as unknown;
  } catch (cause) {
    throw failure(`the ${what} of ${place} is not JSON`, { code: "IMAGE_MANIFEST", place, cause });
  }
}

function verify(value: unknown, shape: Check, place: string, what: string): void {
  try {
    shape(value, "");
  } catch (cause) {
    throw failure(`the ${what} of ${place} is not valid: ${(cause as Error).message}`, {
      code: "IMAGE_MANIFEST",
      place,
      cause,
    });
  }
}

function declaredMediaType(value: unknown): string | undefined {
  return isObject(value) && typeof value["mediaType"] === "string" ? value["mediaType"] : undefined;
}
