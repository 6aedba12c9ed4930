import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cgroupSupport, createCgroup, settingsOf } from "../../../src/host/cgroups/cgroups.ts";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "fairway-cgroups-"));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

async function supportWith(mountInfo: string) {
  const files = { mountInfo: join(directory, "mountinfo"), own: join(directory, "own") };
  await writeFile(files.mountInfo, mountInfo);
  await writeFile(files.own, "4:memory:/somewhere\n0::/user.slice\n");
  return cgroupSupport(files);
}

describe("a machine that cannot limit", () => {
  it("has no cgroup v2, and says so", async () => {
    const version1 = "33 24 0:28 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n";
    expect(await supportWith(version1)).toEqual({ kind: "none", reason: "no cgroup v2 is mounted" });
  });

  it("has one without the controllers, which are with the first version", async () => {
    await writeFile(join(directory, "cgroup.controllers"), "hugetlb\n");
    expect(await supportWith(`33 24 0:28 / ${directory} rw,relatime - cgroup2 cgroup2 rw\n`)).toEqual({
      kind: "none",
      reason: `cgroup v2 at ${directory} does not control cpu and memory`,
    });
  });

  it("has one that nobody may write to", async () => {
    await writeFile(join(directory, "cgroup.controllers"), "cpuset cpu io memory pids\n");
    // A directory in the file's place refuses what is written, for root too.
    const { mkdir } = await import("node:fs/promises");
    await mkdir(join(directory, "cgroup.subtree_control"));
    const support = await supportWith(`33 24 0:28 / ${directory} rw,relatime - cgroup2 cgroup2 rw\n`);
    expect(support).toMatchObject({ kind: "none", reason: expect.stringContaining(directory) as string });
    expect(existsSync(join(directory, "fairway"))).toBe(false);
  });
});

it("limits are what the kernel reads: a quota of a period, and bytes", () => {
  expect(settingsOf({ cpus: 0.5, memoryMiB: 512 })).toEqual([
    ["cpu.max", "50000 100000"],
    ["memory.max", "536870912"],
    ["memory.oom.group", "1"],
  ]);
  expect(settingsOf({ cpus: 0.001 })).toEqual([["cpu.max", "1000 100000"]]);
  expect(settingsOf({})).toEqual([]);
});

it("the kernel kills what takes more memory than its cgroup may, and says so", async ({ skip }) => {
  const support = cgroupSupport();
  if (support.kind === "none") return skip(support.reason);
  const cgroup = createCgroup(support.directory, { memoryMiB: 64 });
  const eat = "const all = []; for (;;) all.push(Buffer.alloc(1e6, 1))";
  const child = spawn(
    "sh",
    ["-c", 'echo 0 >"$1/cgroup.procs" && exec "$2" -e "$3"', "sh", cgroup.path, process.execPath, eat],
    { stdio: "ignore" },
  );
  const [, signal] = (await once(child, "exit")) as [number | null, string | null];
  expect(signal).toBe("SIGKILL");
  expect(cgroup.killedForMemory()).toBe(true);
  await cgroup.remove();
  expect(existsSync(cgroup.path)).toBe(false);
});
