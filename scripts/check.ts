/** Everything that can be said of the code without running it; one command, all failures at once. */
import { spawnSync } from "node:child_process";

const checks: readonly (readonly [title: string, ...command: string[]])[] = [
  // The native compiler; the SDK and the linter need the API of the one before it.
  ["types", "node", "node_modules/typescript-7/bin/tsc", "--noEmit", "-p", "tsconfig.json"],
  ["lint", "eslint", "--max-warnings", "0", "."],
  ["format", "prettier", "--check", "--log-level", "warn", "."],
  ["walls", "depcruise", "src", "--config", ".dependency-cruiser.cjs"],
  ["unused", "knip", "--no-progress"],
  ["api page", "node", "scripts/api-coverage/page.ts", "--check"],
  ["prisma page", "node", "scripts/prisma-changes/page.ts", "--check"],
  ["rules page", "node", "scripts/rules-page.ts", "--check"],
];

const failed: string[] = [];
for (const [title, ...command] of checks) {
  process.stdout.write(`── ${title}\n`);
  const result = spawnSync("npx", ["--no-install", ...command], { stdio: "inherit" });
  if (result.status !== 0) failed.push(title);
}
process.stdout.write(failed.length === 0 ? "all checks passed\n" : `failed: ${failed.join(", ")}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
