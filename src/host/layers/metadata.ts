import { readFileSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";

/**
 * What a layer is beyond its directory, in the file `<layer path>.json` beside it. Paths are relative to the
 * layer's root, without a leading slash.
 */
export interface LayerMetadata {
  /** Directories that hide what lower layers have at their place. */
  readonly opaque?: readonly string[];
  /** Owners that the disk could not hold: path to [uid, gid]. */
  readonly owners?: Readonly<Record<string, readonly [number, number]>>;
  /** Top directories of this layer that are directories of this machine: `usr` to `/usr`. */
  readonly host?: Readonly<Record<string, string>>;
}

export function readMetadata(layerPath: string): LayerMetadata {
  try {
    return JSON.parse(readFileSync(metadataPath(layerPath), "utf8")) as LayerMetadata;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw error;
  }
}

/** Adds to what is recorded of this layer, in one atomic replacement. */
export async function addMetadata(layerPath: string, more: LayerMetadata): Promise<void> {
  const known = readMetadata(layerPath);
  const merged: LayerMetadata = {
    ...known,
    ...more,
    opaque: [...new Set([...(known.opaque ?? []), ...(more.opaque ?? [])])].sort(),
    owners: { ...known.owners, ...more.owners },
  };
  const path = metadataPath(layerPath);
  await writeFile(`${path}.new`, JSON.stringify(merged));
  await rename(`${path}.new`, path);
}

function metadataPath(layerPath: string): string {
  return `${layerPath}.json`;
}

/** The tree of whiteouts that is stacked directly below a layer to make its recorded directories opaque. */
export function masksPath(layerPath: string): string {
  return `${layerPath}.masks`;
}
