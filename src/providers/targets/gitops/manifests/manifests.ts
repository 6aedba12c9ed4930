import { parseManifest, type Manifest, type YamlPath } from "./document.ts";
import { edited } from "./edit.ts";
import type { ImageEntry } from "./entry.ts";
import { helmImage, type DigestKey } from "./helm.ts";
import { kustomizeImage } from "./kustomize.ts";
import { isProblem, manifestsError, type ManifestProblem } from "./problems.ts";
import { yamlPathImage } from "./yaml-path.ts";

/** Where the image of each service stands. Files are paths from the repository's root. */
export type ManifestsKind =
  | { readonly kind: "kustomize"; readonly file: string; readonly images: Readonly<Record<string, string>> }
  | {
      readonly kind: "helm";
      readonly file: string;
      readonly digestIn: DigestKey;
      readonly images: Readonly<Record<string, YamlPath>>;
    }
  | {
      readonly kind: "yaml";
      readonly images: Readonly<Record<string, { readonly file: string; readonly path: YamlPath }>>;
    };

/** The manifests of one commit. */
export interface Manifests {
  readonly entries: Readonly<Record<string, ImageEntry>>;
  /** The files that change when these images are set, with their new text. */
  set(images: Readonly<Record<string, string>>, version: string): Readonly<Record<string, string>>;
}

/**
 * Reads where the images stand.
 * @param read answers the text of a file; null where there is none
 * @throws FairwayError MANIFEST_... (exit 2) with everything that is wrong, each with its file and line
 */
export async function readManifests(
  kind: ManifestsKind,
  read: (file: string) => Promise<string | null>,
): Promise<Manifests> {
  const files = new Map<string, Manifest | ManifestProblem>();
  for (const file of filesOf(kind)) {
    const text = await read(file);
    files.set(file, text === null ? missing(file) : parseManifest(file, text));
  }
  const found = Object.keys(kind.images).map((service) => {
    const file = fileOf(kind, service);
    const manifest = files.get(file) ?? missing(file);
    return { service, file, entry: isProblem(manifest) ? manifest : entryIn(manifest, kind, service) };
  });
  const [first, ...others] = new Set(found.flatMap(({ entry }) => (isProblem(entry) ? [entry] : [])));
  if (first !== undefined) throw manifestsError([first, ...others]);
  const entries = found.flatMap(({ entry, ...rest }) => (isProblem(entry) ? [] : [{ ...rest, entry }]));
  return {
    entries: Object.fromEntries(entries.map(({ service, entry }) => [service, entry])),
    set: (images, version) => {
      const changed: Record<string, string> = {};
      for (const [file, manifest] of files) {
        if (isProblem(manifest)) continue;
        const edits = entries
          .filter((each) => each.file === file)
          .flatMap(({ service, entry }) => {
            const image = images[service];
            return image === undefined || image === entry.image ? [] : entry.edits(image, version);
          });
        const text = edits.length === 0 ? manifest.text : edited(manifest, edits);
        if (text !== manifest.text) changed[file] = text;
      }
      return changed;
    },
  };
}

/** The same, with files in a directory of the repository. */
export function filesIn(kind: ManifestsKind, directory: string): ManifestsKind {
  const under = (file: string) => (directory === "" ? file : `${directory}/${file}`);
  if (kind.kind !== "yaml") return { ...kind, file: under(kind.file) };
  const images = Object.entries(kind.images).map(
    ([service, { file, path }]) => [service, { file: under(file), path }] as const,
  );
  return { ...kind, images: Object.fromEntries(images) };
}

function filesOf(kind: ManifestsKind): readonly string[] {
  return [...new Set(Object.keys(kind.images).map((service) => fileOf(kind, service)))];
}

function fileOf(kind: ManifestsKind, service: string): string {
  return kind.kind === "yaml" ? kind.images[service]!.file : kind.file;
}

function entryIn(manifest: Manifest, kind: ManifestsKind, service: string): ImageEntry | ManifestProblem {
  switch (kind.kind) {
    case "kustomize":
      return kustomizeImage(manifest, kind.images[service]!);
    case "helm":
      return helmImage(manifest, kind.images[service]!, kind.digestIn);
    case "yaml":
      return yamlPathImage(manifest, kind.images[service]!.path);
  }
}

function missing(file: string): ManifestProblem {
  return {
    code: "MANIFEST_MISSING",
    message: "the manifests repository has no such file",
    place: file,
    remedy: "see that path and file in fairway.yaml are right, from the root of that repository",
  };
}
