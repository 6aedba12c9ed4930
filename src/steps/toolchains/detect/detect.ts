import { usageError } from "../../../model/errors.ts";
import type { RootFiles, Toolchain } from "../toolchain.ts";
import { detectCargo } from "./cargo.ts";
import { readManifest, scriptsOf } from "./manifest.ts";
import { detectNode } from "./node.ts";

/**
 * The package manager, task runner and tasks of a repository, read from what it says of itself.
 * @throws FairwayError (exit 2) where that is missing, contradicts itself, or is not supported.
 */
export function detectToolchain({ names, texts }: RootFiles): Toolchain {
  const files = names.map((name) => name.replace(/\/$/, ""));
  const packageJson = texts["package.json"];
  const ofCargo = files.includes("Cargo.toml");
  // One without scripts only brings tools along, such as Fairway itself.
  if (
    packageJson !== undefined &&
    !(ofCargo && Object.keys(scriptsOf(readManifest(packageJson))).length === 0)
  )
    return detectNode(files, { ...texts, "package.json": packageJson });
  if (ofCargo) return detectCargo(files);
  throw usageError("the source has no package.json and no Cargo.toml at its root", {
    code: "TOOLCHAIN_UNSUPPORTED",
    place: "package.json",
    remedy: "Call Fairway from the root of a repository that npm, pnpm, yarn or cargo builds.",
  });
}
