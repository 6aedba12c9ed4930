import {
  isParsedMap,
  pairOf,
  textOf,
  whyFixed,
  type Manifest,
  type ParsedMap,
  type YamlPath,
} from "./document.ts";
import type { Edit } from "./edit.ts";
import { formatImage, parseImage } from "./image-name.ts";
import type { ImageEntry } from "./entry.ts";
import { isProblem, type ManifestProblem } from "./problems.ts";
import { valueAt } from "./value-at.ts";
import { yamlPathImage } from "./yaml-path.ts";

/** Where a chart wants the digest: in a key of its own, or behind the tag (`tag: 4f2a9c1@sha256:...`). */
export type DigestKey = "digest" | "tag";

/** An image in the values of a chart: one text, or a map with `repository` (and `registry`), `tag` and `digest`. */
export function helmImage(
  manifest: Manifest,
  path: YamlPath,
  digestIn: DigestKey,
): ImageEntry | ManifestProblem {
  const found = valueAt(manifest, path);
  if (isProblem(found)) return found;
  if (!isParsedMap(found.node)) return yamlPathImage(manifest, path);
  const map = found.node;
  const problem = problemOf(manifest, map, path, digestIn);
  if (problem !== null) return problem;
  const text = (key: string) => textOf(pairOf(map, key)?.value ?? null) ?? null;
  const registry = text("registry");
  const repository = text("repository");
  const [tag = null, behindTag = null] = text("tag")?.split("@") ?? [];
  const name = [registry, repository].filter((part) => part !== null).join("/");
  return {
    image: formatImage({ name: repository === null ? "" : name, tag, digest: behindTag ?? text("digest") }),
    place: found.place,
    edits: (image, version) => {
      const wanted = parseImage(image);
      const set = (key: string, value: string): Edit =>
        pairOf(map, key) === undefined
          ? { kind: "add", document: found.document, map: path, key, value, after: "repository" }
          : { kind: "set", document: found.document, at: [...path, key], value };
      return [
        ...nameOf(wanted.name, pairOf(map, "registry") !== undefined).map(([key, value]) => set(key, value)),
        ...versionOf(wanted, digestIn, { tag: text("tag"), digest: text("digest"), version }).map(
          ([key, value]) => set(key, value),
        ),
      ];
    },
  };
}

type Keys = readonly (readonly [key: string, value: string])[];

function nameOf(name: string, hasRegistry: boolean): Keys {
  const [first = "", ...rest] = name.split("/");
  if (!hasRegistry) return [["repository", name]];
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  return [
    ["registry", isHost ? first : ""],
    ["repository", isHost ? rest.join("/") : name],
  ];
}

function versionOf(
  wanted: ReturnType<typeof parseImage>,
  digestIn: DigestKey,
  now: { readonly tag: string | null; readonly digest: string | null; readonly version: string },
): Keys {
  if (digestIn === "tag") {
    // A digest stands behind a tag only; what the tag is called does not matter then.
    const tag = wanted.tag ?? (/^\w[\w.-]{0,127}$/.test(now.version) ? now.version : "fairway");
    return [["tag", wanted.digest === null ? (wanted.tag ?? "") : `${tag}@${wanted.digest}`]];
  }
  const tag = now.tag?.split("@")[0] ?? null;
  const cleaned: Keys = now.tag === tag ? [] : [["tag", tag ?? ""]];
  if (wanted.digest !== null) return [["digest", wanted.digest], ...cleaned];
  return [...(now.digest === null ? [] : [["digest", ""] as const]), ["tag", wanted.tag ?? ""]];
}

function problemOf(
  manifest: Manifest,
  map: ParsedMap,
  path: YamlPath,
  digestIn: DigestKey,
): ManifestProblem | null {
  const place = manifest.placeOf(map.range[0]);
  const written = path.join(".");
  if (pairOf(map, "repository") === undefined) {
    const remedy = `add them in the manifests repository:\n${written}:\n  repository: ""\n  ${digestIn}: ""`;
    return { code: "MANIFEST_ENTRY_MISSING", message: `${written} has no repository`, place, remedy };
  }
  for (const key of ["registry", "repository", "tag", "digest"]) {
    const pair = pairOf(map, key);
    const why = pair === undefined ? null : whyFixed(pair.value);
    if (pair === undefined || why === null) continue;
    const remedy = "write it as a text on one line of its own";
    const message = `${written}.${key} ${why}`;
    return { code: "MANIFEST_SHAPE", message, place: manifest.placeOf(pair.key.range[0]), remedy };
  }
  return null;
}
