import { existsSync, readdirSync, readFileSync } from "node:fs";
import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { RepositoryFiles } from "../../../steps/project.ts";
import type { RootFiles } from "../../../steps/toolchains/toolchains.ts";

/** What tells which toolchain a repository has. */
export async function rootFilesIn(repository: string): Promise<RootFiles> {
  const { filesThatTell } = await import("../../../steps/toolchains/toolchains.ts");
  const names = readdirSync(repository);
  const there = filesThatTell.filter((file) => names.includes(file));
  const texts = there.map((file) => [file, readFileSync(join(repository, file), "utf8")] as const);
  return { names, texts: Object.fromEntries(texts) };
}

/** The commands that bring a package into the repository, by its own package manager. */
export function installing(repository: string, name: string) {
  const has = (file: string) => existsSync(join(repository, file));
  const isPnpm = has("pnpm-lock.yaml") || has("pnpm-workspace.yaml");
  const manager = isPnpm ? "pnpm" : has("yarn.lock") ? "yarn" : "npm";
  const adding = {
    pnpm: has("pnpm-workspace.yaml") ? "pnpm add -Dw" : "pnpm add -D",
    yarn: "yarn add --dev",
    npm: "npm install --save-dev",
  }[manager];
  const add = (version?: string) => `${adding} ${version === undefined ? name : `${name}@${version}`}`;
  const isNamed =
    has("package.json") && readFileSync(join(repository, "package.json"), "utf8").includes(`"${name}"`);
  return {
    add,
    /** What package.json names already is only installed. */
    missing: (version?: string) => (isNamed ? `${manager} install` : add(version)),
  };
}

/** The files of this machine, asked for as those of an engine are. */
export function filesIn(repository: string): RepositoryFiles {
  return {
    exists: async (path) => existsSync(join(repository, path)),
    glob: async (pattern) => {
      const exclude = (path: string) => /(^|\/)(node_modules|\.git)(\/|$)/.test(path);
      const found: string[] = [];
      for await (const path of glob(pattern, { cwd: repository, exclude })) found.push(path);
      return found;
    },
    file: (path) => ({ contents: async () => readFile(join(repository, path), "utf8") }),
  };
}
