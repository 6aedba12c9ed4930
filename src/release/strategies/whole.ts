import type { ImageChange, Operation, Release } from "../../model/plan.ts";
import type { ObservedRevision } from "../../model/target.ts";

/**
 * For a target that rolls out by itself: it is told all images at once, then asked until it says that they are healthy.
 * Nothing where it has been told already, and is.
 */
export function whole(input: {
  readonly release: Release;
  readonly revision: ObservedRevision;
  readonly timeoutSeconds: number;
}): Operation[] {
  const { release, revision, timeoutSeconds } = input;
  const images: ImageChange[] = release.services.map(({ name, image }) => ({
    service: name,
    image,
    replaces: revision.images[name] ?? null,
  }));
  const wait: Operation = { kind: "await-healthy", version: release.version, timeoutSeconds };
  if (images.some(({ image, replaces }) => image !== replaces)) {
    return [{ kind: "set-images", version: release.version, images }, wait];
  }
  return revision.health === "healthy" ? [] : [wait];
}
