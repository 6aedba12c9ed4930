import { usageError } from "../../../model/errors.ts";

/** What is read of the root's package.json. */
export interface Manifest {
  readonly packageManager?: unknown;
  readonly scripts?: unknown;
  readonly workspaces?: unknown;
}

/** @throws FairwayError PACKAGE_JSON_INVALID (exit 2) */
export function readManifest(text: string): Manifest {
  try {
    const value = JSON.parse(text) as unknown;
    if (value !== null && typeof value === "object" && !Array.isArray(value)) return value;
  } catch (cause) {
    throw usageError(`package.json is not JSON: ${(cause as Error).message}`, {
      code: "PACKAGE_JSON_INVALID",
      place: "package.json",
      cause,
    });
  }
  throw usageError("package.json holds no object", { code: "PACKAGE_JSON_INVALID", place: "package.json" });
}

export function scriptsOf(manifest: Manifest): Record<string, string> {
  if (manifest.scripts === null || typeof manifest.scripts !== "object") return {};
  return Object.fromEntries(
    Object.entries(manifest.scripts).filter(
      (entry): entry is [string, string] => typeof entry[1] === "string",
    ),
  );
}
