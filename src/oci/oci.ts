/**
 * OCI images and the registries that hold them: references, manifests and configs, and a client of the distribution
 * API (https://github.com/opencontainers/distribution-spec) over fetch.
 */
export {
  formatReference,
  isDigest,
  isLoopbackRegistry,
  isRepository,
  isTag,
  parseReference,
  repositoryName,
} from "./reference.ts";
export type { Reference } from "./reference.ts";
export { mediaTypes } from "./media-types.ts";
export { isIndex, parseConfig, parseManifest, selectPlatform } from "./manifest.ts";
export type {
  Descriptor,
  Healthcheck,
  HistoryEntry,
  ImageConfig,
  ImageIndex,
  ImageManifest,
  Platform,
  RuntimeConfig,
} from "./manifest.ts";
export { blobOf, digestOf } from "./blob.ts";
export type { Blob } from "./blob.ts";
export { openRepository } from "./repository.ts";
export type { FetchedManifest, Repository, RepositoryOptions, UploadResult } from "./repository.ts";
export type { Credentials } from "./authorization.ts";
export { indexOf, manifestOf, pushImage, readImage } from "./image.ts";
export type { Image, ImageForm, PushedImage, PushRequest } from "./image.ts";
export { standInBase, standInLabel } from "./stand-in.ts";
