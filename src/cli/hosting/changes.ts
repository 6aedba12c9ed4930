import type { Changeset } from "@dagger.io/dagger";
import { isCoreObject, type CoreObject } from "./state.ts";

export function isChangeset(value: unknown): value is CoreObject & Changeset {
  return isCoreObject(value) && value.constructor.name === "Changeset";
}

/** `+ added`, `~ modified` and `- removed` paths, a line each; empty where nothing would change. */
export async function changesText(changes: Changeset): Promise<string> {
  const [added, modified, removed] = await Promise.all([
    changes.addedPaths(),
    changes.modifiedPaths(),
    changes.removedPaths(),
  ]);
  const lines = [
    ...added.map((path) => ["+", path] as const),
    ...modified.map((path) => ["~", path] as const),
    ...removed.map((path) => ["-", path] as const),
  ].filter(([, path]) => !path.endsWith("/") || removed.includes(path));
  return lines.map(([sign, path]) => `${sign} ${path}\n`).join("");
}
