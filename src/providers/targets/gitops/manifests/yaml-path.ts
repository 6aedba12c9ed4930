import { textOf, whyFixed, type Manifest, type YamlPath } from "./document.ts";
import type { ImageEntry } from "./entry.ts";
import { isProblem, type ManifestProblem } from "./problems.ts";
import { valueAt } from "./value-at.ts";

/** A value that is the whole reference of an image, anywhere in a file. */
export function yamlPathImage(manifest: Manifest, path: YamlPath): ImageEntry | ManifestProblem {
  const found = valueAt(manifest, path);
  if (isProblem(found)) return found;
  const why = whyFixed(found.node);
  if (why !== null) {
    const remedy = `write the reference of the image in one line: ${String(path.at(-1))}: host/repository@sha256:...`;
    return { code: "MANIFEST_SHAPE", message: `${path.join(".")} ${why}`, place: found.place, remedy };
  }
  return {
    image: textOf(found.node) ?? null,
    place: found.place,
    edits: (value) => [{ kind: "set", document: found.document, at: path, value }],
  };
}
