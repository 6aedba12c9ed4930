import { isSeq, type ParsedNode } from "yaml";
import { find, isParsedMap, pairOf, textOf, whyFixed, type Manifest, type ParsedMap } from "./document.ts";
import type { Edit } from "./edit.ts";
import { formatImage, parseImage } from "./image-name.ts";
import type { ImageEntry } from "./entry.ts";
import { isProblem, type ManifestProblem } from "./problems.ts";

interface Entry {
  readonly map: ParsedMap;
  readonly index: number;
}

/** An entry of `images:` in a kustomization.yaml, which Kustomize puts in the place of every image of this name. */
export function kustomizeImage(manifest: Manifest, name: string): ImageEntry | ManifestProblem {
  const found = entryOf(manifest, name);
  if (isProblem(found)) return found;
  const { map, index } = found;
  for (const key of ["newName", "newTag", "digest"]) {
    const pair = pairOf(map, key);
    const why = pair === undefined ? null : whyFixed(pair.value);
    if (why !== null) return shape(manifest, pair?.key ?? map, `${key} of the image ${name} ${why}`);
  }
  const text = (key: string) => textOf(pairOf(map, key)?.value ?? null) ?? null;
  const at = ["images", index];
  return {
    image: formatImage({ name: text("newName") ?? name, tag: text("newTag"), digest: text("digest") }),
    place: manifest.placeOf(map.range[0]),
    edits: (image) => {
      const wanted = parseImage(image);
      const [kept, dropped] = wanted.digest === null ? ["newTag", "digest"] : ["digest", "newTag"];
      const value = wanted.digest ?? wanted.tag;
      const has = (key: string) => pairOf(map, key) !== undefined;
      const edits: Edit[] = [];
      if (has("newName"))
        edits.push({ document: 0, kind: "set", at: [...at, "newName"], value: wanted.name });
      else if (wanted.name !== name)
        edits.push({ document: 0, kind: "add", map: at, key: "newName", value: wanted.name, after: "name" });
      if (value !== null && has(kept)) edits.push({ document: 0, kind: "set", at: [...at, kept], value });
      else if (value !== null && has(dropped))
        edits.push({ document: 0, kind: "rename", map: at, key: dropped, to: kept, value });
      else if (value !== null) {
        const after = has("newName") ? "newName" : "name";
        edits.push({ document: 0, kind: "add", map: at, key: kept, value, after });
      }
      const renamed = edits.some((edit) => edit.kind === "rename");
      const superfluous = [...(value === null ? [kept] : []), ...(renamed ? [] : [dropped])].filter(has);
      return [...edits, ...superfluous.map((key): Edit => ({ document: 0, kind: "remove", map: at, key }))];
    },
  };
}

function entryOf(manifest: Manifest, name: string): Entry | ManifestProblem {
  const [document] = manifest.documents;
  const images = document === undefined ? undefined : find(document, ["images"]);
  const list = images?.kind === "found" ? images.node : undefined;
  const remedy = `add it in the manifests repository:\nimages:\n  - name: ${name}`;
  const missing = (at: number): ManifestProblem => ({
    code: "MANIFEST_ENTRY_MISSING",
    message: `images: has no entry with the name ${name}`,
    place: manifest.placeOf(at),
    remedy,
  });
  if (list === undefined || list === null) return missing(0);
  if (!isSeq(list)) return shape(manifest, list, "images is not a list");
  const entries = list.items.flatMap((item, index): Entry[] =>
    isParsedMap(item) && textOf(pairOf(item, "name")?.value) === name ? [{ map: item, index }] : [],
  );
  const [only, second] = entries;
  if (only === undefined) return missing(list.range[0]);
  if (second === undefined) return only;
  return {
    code: "MANIFEST_ENTRY_TWICE",
    message: `images: has two entries with the name ${name}, here and at ${manifest.placeOf(only.map.range[0])}`,
    place: manifest.placeOf(second.map.range[0]),
    remedy: "remove one of them in the manifests repository",
  };
}

function shape(manifest: Manifest, node: ParsedNode, message: string): ManifestProblem {
  const remedy = "write the entry as plain lines: name, newName, digest";
  return { code: "MANIFEST_SHAPE", message, place: manifest.placeOf(node.range[0]), remedy };
}
