import { execFile } from "node:child_process";
import { mkdtemp, mkdir, rename, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FunctionCall } from "../../src/cli/commands/invocation.ts";
import { parseCommandLine } from "../../src/cli/commands/program.ts";
import { plainStyle } from "../../src/cli/commands/help.ts";
import { stockModule } from "../../src/cli/module/module.ts";
import { memoryOf } from "../../src/cli/run/remembered.ts";
import { shell } from "../support/shell.ts";
import { root } from "./yard.ts";

let scratch: string;
let repository: string;
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), "fairway-remembered-"));
  repository = join(scratch, "shop");
  for (const folder of ["node_modules", "packages/a", "target"])
    await mkdir(join(repository, folder), { recursive: true });
  for (const [path, text] of Object.entries(files)) await writeFile(join(repository, path), text);
});
afterEach(() => rm(scratch, { recursive: true, force: true }));

const files = {
  "fairway.yaml": "name: shop\n",
  "package.json": "{}\n",
  "package-lock.json": "{}\n",
  "index.ts": "export {};\n",
};
const variables = { PATH: "/usr/bin", HOME: "/home/ada" };

/** Seconds later than the files, which could else be changed again without another time. */
const later = () => new Date(Date.now() + 5_000);

async function memory(line = "check", { env = variables, now = later() } = {}) {
  const places = { workdir: repository, repository, cache: join(scratch, "cache"), package: root };
  const module = await stockModule(places);
  const context = { manifest: module.manifest, version: "0", style: plainStyle };
  const call = parseCommandLine(line.split(" "), context) as FunctionCall;
  return memoryOf(call, { module, places }, env, now);
}

const keep = async (line = "check") => (await memory(line))?.keep("all passed\n");
const recalled = async (...what: Parameters<typeof memory>) =>
  (await (await memory(...what))?.recall())?.text;

async function writeIn(...path: [string, string, string]): Promise<void> {
  await mkdir(join(...path, ".."), { recursive: true });
  await writeFile(join(...path), "");
}

describe("what a check answered", () => {
  it("is told again while no file has changed", async () => {
    expect(await recalled()).toBeUndefined();
    await keep();
    expect(await recalled()).toBe("all passed\n");
    for (const path of ["node_modules", "target/debug", "packages/a/node_modules"])
      await writeIn(repository, path, "made.js");
    expect(await recalled()).toBe("all passed\n");
  });

  it("is told again to somebody who may not look into every folder of PATH", async () => {
    await symlink("loop", join(scratch, "loop"));
    const env = { ...variables, PATH: `/usr/bin:${join(scratch, "loop")}` };
    await (await memory("check", { env }))?.keep("all passed\n");
    expect(await recalled("check", { env })).toBe("all passed\n");
  });

  it.each<[string, () => Promise<void>]>([
    ["a file was changed", () => writeFile(join(repository, "index.ts"), "export {}\n\n")],
    [
      "a file came where only another folder is left out",
      () => writeIn(repository, "packages/target", "debug.ts"),
    ],
    ["a file came", () => writeFile(join(repository, "new.ts"), "")],
    ["a file went", () => rm(join(repository, "index.ts"))],
    ["a file has another name", () => rename(join(repository, "index.ts"), join(repository, "main.ts"))],
    // What is ignored is looked at where git has it.
    ["a file was added to git", () => writeIn(repository, ".git", "index")],
    [
      "a file was changed and its old time put back",
      async () => {
        await writeFile(join(repository, "package.json"), "[]\n");
        await utimes(join(repository, "package.json"), new Date(0), new Date(0));
      },
    ],
  ])("is not told again where %s", async (_, change) => {
    await utimes(join(repository, "package.json"), new Date(0), new Date(0));
    await keep();
    expect(await recalled()).toBe("all passed\n");
    await change();
    expect(await recalled()).toBeUndefined();
  });

  it("is not kept where a file changed meanwhile, or had just been changed", async () => {
    const slow = await memory();
    await writeFile(join(repository, "index.ts"), "changed while it ran");
    await slow?.keep("all passed\n");
    expect(await recalled()).toBeUndefined();
    await (await memory("check", { now: new Date() }))?.keep("all passed\n");
    expect(await recalled()).toBeUndefined();
  });

  it("is that of one command line, one day and one set of programs", async () => {
    await keep();
    expect(await recalled("check --only lint")).toBeUndefined();
    expect(await recalled("check --json")).toBeUndefined();
    const tomorrow = new Date(later().getTime() + 86_400_000);
    expect(await recalled("check", { now: tomorrow })).toBeUndefined();
    expect(await recalled("check", { env: { ...variables, PATH: "/opt/bin" } })).toBeUndefined();
  });

  it.each([
    ["a program", "bin/cargo"],
    ["what rustup's programs call", "home/.rustup/toolchains/stable/bin/rustc"],
    ["npm behind its link", "npm/package.json"],
  ])("is not told again where %s was updated", async (_, program) => {
    await writeIn(scratch, "bin", "cargo");
    await writeIn(scratch, "home/.rustup/toolchains/stable/bin", "rustc");
    await writeIn(scratch, "npm/bin", "npm-cli.js");
    await writeFile(join(scratch, "npm/package.json"), "{}");
    await symlink("../npm/bin/npm-cli.js", join(scratch, "bin/npm"));
    const env = { PATH: join(scratch, "bin"), HOME: join(scratch, "home") };
    await (await memory("check", { env }))?.keep("all passed\n");
    expect(await recalled("check", { env })).toBe("all passed\n");
    await writeFile(join(scratch, program), "another version");
    expect(await recalled("check", { env })).toBeUndefined();
  });

  it("is kept for nothing that depends on more than the source", async () => {
    for (const line of ["check --secrets env:ALL", "check --ref main", "images", "check --engine dagger"])
      expect(await memory(line), line).toBeUndefined();
    const session = { ...variables, DAGGER_SESSION_PORT: "1" };
    expect(await memory("check", { env: session })).toBeUndefined();
  });
});

describe("fairway check", () => {
  const fairway = (...words: string[]) =>
    new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
      const env = { ...shell, HOME: scratch, FAIRWAY_CACHE_DIR: join(scratch, "cache") };
      const options = { cwd: repository, env };
      execFile(
        process.execPath,
        [join(root, "bin/fairway.js"), ...words],
        options,
        (error, stdout, stderr) => {
          resolve({ code: error?.code ?? 0, stdout, stderr });
        },
      );
    });

  it("says since when nothing has changed, until a file does or the cache is emptied", async () => {
    await wait(1_100);
    const first = await fairway("check");
    expect(first).toMatchObject({ code: 0, stdout: "Nothing to check.\n" });
    expect(first.stderr).not.toContain("nothing has changed");
    const again = await fairway("check");
    expect(again).toMatchObject({ code: 0, stdout: "Nothing to check.\n" });
    expect(again.stderr).toMatch(/nothing has changed since \d\d:\d\d:\d\d, when all of it had passed/);
    await fairway("cache", "prune", "--all");
    expect((await fairway("check")).stderr).not.toContain("nothing has changed");
  });

  it("that fails is asked again each time", async () => {
    await writeFile(join(repository, "fairway.yaml"), "name: shop\nchecks: [missing]\n");
    await wait(1_100);
    for (const time of ["first", "second"])
      expect(await fairway("check"), time).toMatchObject({ code: 2, stdout: "" });
  });
});
