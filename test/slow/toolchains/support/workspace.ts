import { spawnSync } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type Repository, repositoryOf } from "../../../e2e/support/repository.ts";

export interface Manager {
  /** As package.json names it: `yarn@1.22.22`. */
  readonly packageManager: string;
  /** Writes the lockfile: the package that the command is of, and the command. */
  readonly install: readonly [from: string, ...command: string[]];
  /** How a package names another one of the repository. */
  readonly workspaceRange: string;
  /** The root's script. */
  readonly unit: string;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
}

/** A repository of three packages, `b` needs `a`, with a lockfile that the manager itself has written. */
export async function workspaceOf(manager: Manager): Promise<Repository> {
  const repository = await repositoryOf("tiny");
  await rm(join(repository.path, "package-lock.json"));
  const { packageManager, unit, devDependencies = {}, files = {}, workspaceRange, install } = manager;
  const root = { name: "tiny", version: "1.0.0", private: true, type: "module", packageManager };
  await repository.write(
    "package.json",
    JSON.stringify({ ...root, workspaces: ["packages/*"], scripts: { unit }, devDependencies }, null, 2),
  );
  await repository.write(
    "fairway.yaml",
    "name: tiny\nchecks: [unit]\nservices:\n  web: { dockerfile: Dockerfile, port: 3000, ready: /health }\n",
  );
  await repository.write(".gitignore", "node_modules\n.yarn\n.pnp.*\n.turbo\n.nx\n");
  const dependencies = { a: { ms: "2.1.3" }, b: { "@tiny/a": workspaceRange }, c: {} };
  for (const [name, needs] of Object.entries(dependencies)) {
    const scripts = { unit: "node --test" };
    const manifest = { name: `@tiny/${name}`, version: "1.0.0", type: "module", main: "index.js", scripts };
    await repository.write(
      `packages/${name}/package.json`,
      JSON.stringify({ ...manifest, dependencies: needs }, null, 2),
    );
    await repository.write(`packages/${name}/index.js`, sources[name as "a"]);
    await repository.write(`packages/${name}/index.test.js`, testOf(name));
  }
  for (const [path, text] of Object.entries(files)) await repository.write(path, text);
  const [from, ...command] = install;
  const argv = ["exec", "--yes", `--package=${from}`, "--", ...command];
  const { status, stdout, stderr } = spawnSync("npm", argv, {
    cwd: repository.path,
    env: { ...process.env, YARN_ENABLE_IMMUTABLE_INSTALLS: "false", YARN_ENABLE_TELEMETRY: "0", CI: "" },
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${install.join(" ")}: ${stdout}\n${stderr}`);
  repository.commit("A workspace");
  return repository;
}

const sources = {
  a: 'import ms from "ms";\nexport const value = ms("2 minutes");\n',
  b: 'import { value as before } from "@tiny/a";\nexport const value = before + 1;\n',
  c: "export const value = 3;\n",
};
const values = { a: 120_000, b: 120_001, c: 3 } as const;

function testOf(name: string): string {
  return [
    'import { equal } from "node:assert/strict";',
    'import { test } from "node:test";',
    'import { value } from "./index.js";',
    `test("${name} has its value", () => equal(value, ${String(values[name as "a"])}));`,
    "",
  ].join("\n");
}
