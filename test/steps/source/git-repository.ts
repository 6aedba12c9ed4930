import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "vitest";
import { execError, fakeClient } from "../fake-client.ts";

const identity = {
  GIT_AUTHOR_NAME: "Ada",
  GIT_AUTHOR_EMAIL: "ada@example.com",
  GIT_COMMITTER_NAME: "Ada",
  GIT_COMMITTER_EMAIL: "ada@example.com",
};

export function git(directory: string, ...words: string[]): string {
  const ran = spawnSync("git", words, {
    cwd: directory,
    encoding: "utf8",
    env: { ...process.env, ...identity },
  });
  if (ran.status !== 0) throw new Error(ran.stderr);
  return ran.stdout.trim();
}

/** An empty repository on disk, on branch main. */
export function emptyRepository(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "fairway-git-"));
  context.onTestFinished(() => {
    rmSync(directory, { recursive: true });
  });
  git(directory, "init", "--quiet", "--initial-branch=main");
  return directory;
}

/** A client whose steps run on this machine, in a directory. */
export function clientIn(directory: string) {
  return fakeClient({
    exec: ([program = "", ...words], chain) => {
      const variables = Object.fromEntries(
        chain.filter(([name]) => name === "withEnvVariable").map((call) => call.slice(1)),
      );
      const ran = spawnSync(program, words, {
        cwd: directory,
        encoding: "utf8",
        env: { PATH: process.env["PATH"], ...variables },
      });
      if (ran.status !== 0) throw execError(ran.status ?? 1, ran.stdout, ran.stderr);
      return ran.stdout;
    },
  });
}
