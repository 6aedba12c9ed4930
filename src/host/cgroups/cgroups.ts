import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { mountOf, ownPathOf } from "./places.ts";

/** How much of this machine some processes may take together. */
export interface ResourceLimits {
  /** CPUs, 0.5 for half of one. */
  readonly cpus?: number;
  readonly memoryMiB?: number;
}

/** Whether the kernel limits processes for us; the directory is where cgroups of ours are made. */
export type CgroupSupport =
  | { readonly kind: "cgroup"; readonly directory: string }
  | { readonly kind: "none"; readonly reason: string };

export interface Cgroup {
  /** For the first process to put itself into: what it starts is in it, too. */
  readonly path: string;
  /** Whether the kernel has killed it for its memory. */
  killedForMemory(): boolean;
  /** After its processes have ended. */
  remove(): Promise<void>;
}

/** The files that tell it; others in tests. */
export interface CgroupFiles {
  readonly mountInfo: string;
  readonly own: string;
}

const kernelFiles: CgroupFiles = { mountInfo: "/proc/self/mountinfo", own: "/proc/self/cgroup" };
const wanted = ["cpu", "memory"] as const;

/**
 * Finds a place for cgroups by making one and moving a process into it: only that shows what is allowed. As root it is
 * found on most machines with cgroup v2; for others where a part of the tree was delegated to them.
 */
export function cgroupSupport(files: CgroupFiles = kernelFiles): CgroupSupport {
  const mount = mountOf(readFileSync(files.mountInfo, "utf8"));
  if (mount === undefined) return none("no cgroup v2 is mounted");
  if (!wanted.every((controller) => wordsOf(join(mount, "cgroup.controllers")).includes(controller)))
    return none(`cgroup v2 at ${mount} does not control ${wanted.join(" and ")}`);
  const own = join(mount, ownPathOf(readFileSync(files.own, "utf8")));
  let why = "no cgroup was delegated to this user";
  for (const parent of upwards(own, mount)) {
    try {
      return { kind: "cgroup", directory: tryIn(parent) };
    } catch (error) {
      why = `${parent}: ${(error as Error).message}`;
    }
  }
  return none(why);
}

/** A cgroup of its own for one set of processes. @throws where the kernel refuses it */
export function createCgroup(directory: string, limits: ResourceLimits): Cgroup {
  const path = join(directory, randomBytes(6).toString("hex"));
  mkdirSync(path);
  try {
    for (const [file, value] of settingsOf(limits)) writeFileSync(join(path, file), value);
    // Where there is swap, a limit without this one would only make it slow.
    if (limits.memoryMiB !== undefined && existsSync(join(path, "memory.swap.max")))
      writeFileSync(join(path, "memory.swap.max"), "0");
  } catch (error) {
    rmdirSync(path);
    throw error;
  }
  return {
    path,
    killedForMemory: () => /^oom_kill [1-9]/m.test(textOf(join(path, "memory.events"))),
    remove: () => removeWhenEmpty(path),
  };
}

const periodMicroseconds = 100_000;

/** @see https://docs.kernel.org/admin-guide/cgroup-v2.html */
export function settingsOf({ cpus, memoryMiB }: ResourceLimits): readonly (readonly [string, string])[] {
  const settings: [string, string][] = [];
  if (cpus !== undefined) {
    // The kernel takes no quota below a millisecond.
    const quota = Math.max(Math.round(cpus * periodMicroseconds), 1_000);
    settings.push(["cpu.max", `${String(quota)} ${String(periodMicroseconds)}`]);
  }
  if (memoryMiB !== undefined) {
    settings.push(["memory.max", String(memoryMiB * 1024 * 1024)]);
    // A replica is killed as a whole: half of one would hang.
    settings.push(["memory.oom.group", "1"]);
  }
  return settings;
}

function tryIn(parent: string): string {
  enable(parent);
  const directory = join(parent, "fairway");
  mkdirSync(directory, { recursive: true });
  enable(directory);
  const { path } = createCgroup(directory, { cpus: 1, memoryMiB: 64 });
  try {
    const moved = spawnSync("sh", ["-c", 'echo 0 >"$1"', "sh", join(path, "cgroup.procs")], {
      encoding: "utf8",
    });
    if (moved.status !== 0) throw new Error(moved.stderr.trim());
    return directory;
  } finally {
    rmdirSync(path);
  }
}

function enable(directory: string): void {
  const file = join(directory, "cgroup.subtree_control");
  const enabled = wordsOf(file);
  const missing = wanted.filter((controller) => !enabled.includes(controller));
  if (missing.length > 0) writeFileSync(file, missing.map((controller) => `+${controller}`).join(" "));
}

function upwards(from: string, to: string): string[] {
  if (from === to || !from.startsWith(`${to}/`)) return [to];
  return [from, ...upwards(dirname(from), to)];
}

/** A process that has ended is in it for a moment longer. */
async function removeWhenEmpty(path: string): Promise<void> {
  for (let attempt = 1; attempt <= 50; attempt += 1) {
    try {
      rmdirSync(path);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
      await sleep(100);
    }
  }
}

function wordsOf(file: string): string[] {
  return textOf(file).trim().split(/\s+/);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function none(reason: string): CgroupSupport {
  return { kind: "none", reason };
}
