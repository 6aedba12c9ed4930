import type { ParsedNode } from "yaml";
import { find, type Manifest, type ParsedPair, type YamlPath } from "./document.ts";
import type { ManifestProblem } from "./problems.ts";

export interface ValueAt {
  /** Counts from 0 in the file. */
  readonly document: number;
  readonly node: ParsedNode | null;
  readonly pair: ParsedPair | null;
  readonly place: string;
}

/** The one value at a path of a file, whatever number of documents it has. */
export function valueAt(manifest: Manifest, path: YamlPath): ValueAt | ManifestProblem {
  const all = manifest.documents.map((document) => find(document, path));
  const places = all.flatMap((found, document): ValueAt[] =>
    found.kind === "missing"
      ? []
      : [
          {
            document,
            node: found.node,
            pair: found.pair,
            place: manifest.placeOf((found.pair?.key ?? found.node)?.range[0] ?? 0),
          },
        ],
  );
  const [only, second] = places;
  const written = path.join(".");
  if (only === undefined) {
    const [nearest] = all.flatMap((found) => (found.kind === "missing" ? [found] : []));
    return {
      code: "MANIFEST_ENTRY_MISSING",
      message: `there is no ${written}: ${nearest === undefined ? "the file is empty" : `${nearest.key} is missing`}`,
      place: manifest.placeOf(nearest?.at ?? 0),
      remedy: "add it in the manifests repository, or correct the path in fairway.yaml",
    };
  }
  if (second === undefined) return only;
  return {
    code: "MANIFEST_ENTRY_TWICE",
    message: `${written} is in two documents of this file, here and at ${only.place}`,
    place: second.place,
    remedy: "keep one of them, or move one to a file of its own",
  };
}
