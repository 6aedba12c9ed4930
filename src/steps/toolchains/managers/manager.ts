import { unreachable } from "../../../model/errors.ts";
import type { Toolchain } from "../toolchain.ts";
import { cargo } from "./cargo.ts";
import { npm } from "./npm.ts";
import type { PackageManager } from "./package-manager.ts";
import { pnpm } from "./pnpm.ts";
import { yarn } from "./yarn.ts";

/** How the repository's own package manager does what Fairway's steps need. */
export function packageManager(toolchain: Toolchain): PackageManager {
  switch (toolchain.manager) {
    case "pnpm":
      return pnpm(toolchain);
    case "npm":
      return npm(toolchain);
    case "yarn":
      return yarn(toolchain);
    case "cargo":
      return cargo;
    default:
      return unreachable(toolchain.manager);
  }
}
