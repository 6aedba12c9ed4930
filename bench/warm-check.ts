import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { copyExample } from "../scripts/copy-example.ts";
import { startRegistry } from "../scripts/registry/registry.ts";
import { userEnvironment } from "../scripts/user-environment.ts";
import { sourceOf, tasks, writeMonorepo } from "./monorepo.ts";
import { paired, type Paired } from "./paired.ts";

/** A check with nothing changed, against the task runner that the same repository uses, also with nothing changed. */
export async function warmCheck(): Promise<Paired[]> {
  const directory = await mkdtemp(join(tmpdir(), "fairway-bench-"));
  const shop = join(directory, "shop");
  const registry = await startRegistry();
  try {
    await copyExample("shop", shop, { registryUrl: registry.url });
    const tools = await packageManagerOf(shop, directory);
    await run(shop, tools, ["pnpm", "install", "--frozen-lockfile"]);
    const only = ["lint", "typecheck", "unit"].flatMap((name) => ["--only", name]);
    const fairway = () => run(shop, tools, ["npx", "--no-install", "fairway", "check", ...only]);
    const turbo = () =>
      run(shop, tools, ["npx", "--no-install", "turbo", "run", "lint", "typecheck", "test"]);
    return [
      await paired("warm check over warm turbo run", ["fairway check", fairway], ["turbo run", turbo], 5),
    ];
  } finally {
    await registry.close();
    await rm(directory, { recursive: true, force: true });
  }
}

const packages = 100;

/** A monorepo of 100 packages with three tasks each: nothing changed, and one package. */
export function monorepoCheck(): Promise<Paired[]> {
  return inMonorepos(async (measured) => [
    await measured("nothing changed", [], 11),
    await measured("one changed", [packages - 1], 5),
  ]);
}

/** The same with a change in each package: minutes. */
export function monorepoCheckAll(): Promise<Paired[]> {
  const all = Array.from({ length: packages }, (_, number) => number);
  return inMonorepos(async (measured) => [await measured("all changed", all, 1)]);
}

/** @param numbers of the packages in which a file is changed before each check */
type Measure = (title: string, numbers: readonly number[], pairs: number) => Promise<Paired>;

async function inMonorepos(work: (measured: Measure) => Promise<Paired[]>): Promise<Paired[]> {
  const directory = await mkdtemp(join(tmpdir(), "fairway-bench-"));
  try {
    // One for each, as both keep what they know in the repository.
    const [ours, theirs] = await Promise.all(
      ["ours", "theirs"].map(async (name) => {
        const repository = join(directory, name);
        await writeMonorepo(repository, packages);
        return repository;
      }),
    );
    if (ours === undefined || theirs === undefined) throw new Error("no repositories");
    const tools = await packageManagerOf(ours, directory);
    for (const repository of [ours, theirs]) {
      await run(repository, tools, ["pnpm", "install"]);
      await run(repository, tools, ["git", "init", "--quiet"]);
      await run(repository, tools, ["git", "add", "--all"]);
    }
    const bin = join(import.meta.dirname, "../bin/fairway.js");
    const fairway = () =>
      run(ours, tools, [process.execPath, bin, "check"], { FAIRWAY_CACHE_DIR: join(directory, "cache") });
    const turbo = () => run(theirs, tools, [join(theirs, "node_modules/.bin/turbo"), "run", ...tasks]);
    const edited =
      (repository: string, check: () => Promise<void>, numbers: readonly number[]) => async () => {
        for (const number of numbers) await edit(join(repository, sourceOf(number)));
        await check();
      };
    const measured: Measure = (title, numbers, pairs) =>
      paired(
        `check of ${String(packages)} packages over turbo run, ${title}`,
        ["fairway check", edited(ours, fairway, numbers)],
        ["turbo run", edited(theirs, turbo, numbers)],
        pairs,
      );
    // Everything is built once, and known again once, before anything is timed.
    for (const check of [fairway, fairway, turbo]) await check();
    return await work(measured);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

let edits = 0;

async function edit(file: string): Promise<void> {
  const text = await readFile(file, "utf8");
  await writeFile(file, `${text}// edit ${String((edits += 1))}\n`);
}

/** Where pnpm is, at the repository's version: turbo looks for it in PATH. */
async function packageManagerOf(repository: string, directory: string): Promise<string> {
  const { packageManager } = JSON.parse(await readFile(join(repository, "package.json"), "utf8")) as {
    packageManager: string;
  };
  await run(directory, "", ["npm", "install", "--prefix", directory, packageManager.replace(/\+.*/, "")]);
  return join(directory, "node_modules/.bin");
}

function run(
  cwd: string,
  tools: string,
  [program = "", ...args]: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...userEnvironment(), ...variables, PATH: `${tools}:${userEnvironment()["PATH"] ?? ""}` },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.on("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${[program, ...args].join(" ")} ended with ${String(code)}:\n${output}`));
    });
  });
}
