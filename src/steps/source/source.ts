import type { Directory } from "@dagger.io/dagger";
import { usageError } from "../../model/errors.ts";

export { gitFacts, type GitFacts } from "./git-facts.ts";

/** What task runners remember; the rest of `.nx` is the team's. */
const runnersOwn = ["**/.turbo", ".nx/cache", ".nx/workspace-data"];

/**
 * The source without what changes although no code did, so that a commit alone runs no step again.
 * @param built what the repository's own tools write and the source filter does not know: `target` of cargo
 */
export function sourceForSteps(source: Directory, built: readonly string[] = []): Directory {
  return source.filter({ exclude: [".git", ".fairway", "**/node_modules", ...runnersOwn, ...built] });
}

/**
 * Refuses a source that is Fairway's own repository: `dagger call -m <fairway>` hands the module its own files.
 * @param packageJson the text of the source's package.json, where it has one.
 */
export function refuseFairwaysOwnRepository(packageJson: string | undefined): void {
  if (packageJson === undefined || !/"name"\s*:\s*"@fairway\/sdk"/.test(packageJson)) return;
  throw usageError("the source is Fairway's own repository, not yours", {
    code: "SOURCE_IS_FAIRWAY",
    place: "package.json name",
    remedy:
      "With plain -m Dagger hands a module the repository that the module is in. In your repository, once:\n" +
      "dagger init && dagger toolchain install <fairway>\nand then:\ndagger call fairway check",
  });
}
