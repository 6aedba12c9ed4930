import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const root = join(import.meta.dirname, "../../..");
const bin = join(root, "bin/fairway.js");

export interface Run {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Both, in no promised order. */
  readonly output: string;
}

export interface Repository extends AsyncDisposable {
  readonly path: string;
  write(file: string, text: string): Promise<void>;
  /** Commits all that is there; answers the short SHA. */
  commit(message: string): string;
  /** Takes the last commit back, and what it changed. */
  undo(): void;
  fairway(...args: readonly string[]): Promise<Run>;
  /** The same, without waiting. */
  start(...args: readonly string[]): ChildProcess;
}

/** A fixture as somebody's own git repository in a directory of its own; `await using` stops what it left running. */
export async function repositoryOf(
  fixture: string,
  variables: Record<string, string> = {},
): Promise<Repository> {
  const path = await mkdtemp(join(tmpdir(), "fairway-e2e-"));
  await cp(join(import.meta.dirname, "../fixtures", fixture), path, { recursive: true });
  const git = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync("git", args, { cwd: path, encoding: "utf8" });
    if (status !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
    return stdout.trim();
  };
  const start = (...args: readonly string[]) =>
    spawn(process.execPath, [bin, ...args], {
      cwd: path,
      env: { ...process.env, CI: "1", NO_COLOR: "1", ...variables },
      stdio: ["ignore", "pipe", "pipe"],
    });
  git("init", "--quiet", "--initial-branch=main");
  git("config", "user.name", "Ada");
  git("config", "user.email", "ada@example.com");
  const commit = (message: string) => {
    git("add", "--all");
    git("commit", "--quiet", "--allow-empty", "--message", message);
    return git("rev-parse", "--short=7", "HEAD");
  };
  commit("First commit");
  return {
    path,
    commit,
    undo: () => git("reset", "--quiet", "--hard", "HEAD~1"),
    write: async (file, text) => {
      await mkdir(dirname(join(path, file)), { recursive: true });
      await writeFile(join(path, file), text);
    },
    start,
    fairway: (...args) => ended(start(...args)),
    [Symbol.asyncDispose]: async () => {
      await ended(start("down", "--env", "local", "--remove-data"));
      await rm(path, { recursive: true, force: true });
    },
  };
}

export function ended(child: ChildProcess): Promise<Run> {
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve) => {
    child.on("close", (exitCode) => {
      resolve({ exitCode, stdout, stderr, output: `${stdout}\n${stderr}` });
    });
  });
}
