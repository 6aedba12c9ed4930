import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findSdk } from "../../src/cli/module/sdk.ts";
import { shell } from "../support/shell.ts";

export const root = fileURLToPath(new URL("../..", import.meta.url));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The yard fixture, a team's module, in a repository of its own, and the built CLI on it with the embedded engine. */
export async function openYard() {
  const scratch = await mkdtemp(join(tmpdir(), "fairway-hosting-"));
  const yard = join(scratch, "yard");
  await cp(fileURLToPath(new URL("./fixtures/yard", import.meta.url)), yard, { recursive: true });
  await mkdir(join(yard, "node_modules/@dagger.io"), { recursive: true });
  await symlink(findSdk(root), join(yard, "node_modules/@dagger.io/dagger"));
  await mkdir(join(yard, ".git"));

  /** One command line; words in brackets are one word: `--words [a, b]`. */
  const fairway = (line: string, cwd = yard, variables: Record<string, string> = {}): Promise<Ended> => {
    const words = [...line.matchAll(/\[([^\]]*)\]|\S+/g)].map((match) => match[1] ?? match[0]);
    const env = {
      ...{ ...shell, HOME: scratch, FAIRWAY_CACHE_DIR: join(scratch, "cache") },
      ...variables,
    };
    const bin = join(root, "bin/fairway.js");
    return new Promise((resolve) => {
      execFile(process.execPath, [bin, ...words], { cwd, env }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      });
    });
  };
  return {
    ...{ scratch, yard, fairway },
    answer: async (line: string) => (await fairway(line)).stdout,
    [Symbol.asyncDispose]: () => rm(scratch, { recursive: true, force: true }),
  };
}
