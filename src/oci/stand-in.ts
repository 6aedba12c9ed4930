import type { ImageConfig, ImageManifest } from "./manifest.ts";

/** The label and annotation of an image whose base this machine's userland stood in for; its value is that base. */
export const standInLabel = "dev.fairway.stand-in.base";

/** The base that was stood in for (`node:24-slim`), or null for an image with a real one. */
export function standInBase(image: {
  readonly manifest: Pick<ImageManifest, "annotations">;
  readonly config: Pick<ImageConfig, "config">;
}): string | null {
  return image.config.config?.Labels?.[standInLabel] ?? image.manifest.annotations?.[standInLabel] ?? null;
}
