import { posix } from "node:path";
import { hashOf } from "../../model/canonical-json.ts";
import { parseReference } from "../../oci/oci.ts";
import type { ImageBuild, ImageSource } from "./publish.ts";

/** Where git has what an image is built from; `""` is the root of the repository. */
export function contentPaths({
  context,
  dockerfile,
}: Pick<ImageSource, "context" | "dockerfile">): readonly [string, string] {
  const folder = posix.normalize(context).replace(/\/$/, "");
  return [folder === "." ? "" : folder, posix.normalize(dockerfile)];
}

/**
 * `build-<64 hex digits of what it was built from>.<12 of its digest>`: says, in the registry, of which content an image
 * is. Two builds of the same content that do not come out alike have a tag each, and no build takes another's.
 *
 * @param committed what git has at `contentPaths`: the same in every clone, on every engine, and whatever lies there that
 * git ignores. Without it the files themselves are what counts.
 */
export function contentTag(
  build: Pick<ImageBuild, "dockerfile" | "content">,
  reference: string,
  committed?: readonly string[],
): string {
  const { digest } = parseReference(reference);
  if (digest === null) throw new Error(`${reference} has no digest`);
  const content =
    committed === undefined
      ? build.content
      : hashOf([...committed, build.dockerfile]).slice("sha256:".length);
  return `build-${content}.${digest.slice("sha256:".length).slice(0, 12)}`;
}
