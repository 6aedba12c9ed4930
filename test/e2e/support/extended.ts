import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commitAll, copyCommittedFiles } from "../../../scripts/copy-example.ts";
import { execa } from "execa";
import { ended, type Run } from "./repository.ts";

const root = join(import.meta.dirname, "../../..");

export interface ExtendedExample extends AsyncDisposable {
  readonly path: string;
  /** In `ci`, where Fairway is installed. */
  fairway(...args: readonly string[]): Promise<Run>;
  node(...args: readonly string[]): Promise<Run>;
}

/** examples/extended as somebody's own git repository. This checkout stands in for the package and what it needs. */
export async function extendedExample(): Promise<ExtendedExample> {
  const path = await mkdtemp(join(tmpdir(), "fairway-extended-"));
  const ci = join(path, "ci");
  await copyCommittedFiles("examples/extended", path);
  await execa("git", ["init", "--quiet", "--initial-branch=main"], { cwd: path });
  await commitAll(path, "The shop", {});
  const packages: Record<string, string> = { "@fairway/sdk": root };
  for (const name of ["@dagger.io/dagger", "@types/node", "vitest"])
    packages[name] = join(root, "node_modules", name);
  for (const [name, target] of Object.entries(packages)) {
    await mkdir(join(ci, "node_modules", name, ".."), { recursive: true });
    await symlink(target, join(ci, "node_modules", name));
  }
  const node = (...args: readonly string[]) =>
    ended(
      spawn(process.execPath, args, {
        cwd: ci,
        env: { ...process.env, CI: "1", NO_COLOR: "1" },
        stdio: ["ignore", "pipe", "pipe"],
      }),
    );
  return {
    path,
    node,
    fairway: (...args) => node(join(root, "bin/fairway.js"), ...args),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

/** Makes a package under the AGPL one of the shop's. */
export async function plantRefusedLicense(path: string): Promise<void> {
  const file = join(path, "package-lock.json");
  const lockfile = JSON.parse(await readFile(file, "utf8")) as { packages: Record<string, object> };
  lockfile.packages["node_modules/lamp"] = { version: "2.0.0", license: "AGPL-3.0-only" };
  lockfile.packages[""] = { ...lockfile.packages[""], dependencies: { lamp: "2.0.0" } };
  await writeFile(file, JSON.stringify(lockfile, null, 2));
}

/** What docs/extend-a-pipeline.md tells the reader to type, in order. */
export function commandsOfThePage(): readonly string[] {
  const page = readFileSync(join(root, "docs/extend-a-pipeline.md"), "utf8");
  const blocks = [...page.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map((match) => match[1] ?? "");
  return blocks
    .flatMap((block) => block.split("\n"))
    .map((line) => line.replace(/\s+#.*$/, "").trim())
    .filter((line) => /^(npx fairway|npm) /.test(line));
}
