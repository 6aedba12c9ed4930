import { spawn } from "node:child_process";
import { expect, test, vi } from "vitest";
import { limitations, startWithin } from "../../../../src/providers/targets/local/limits.ts";
import { startReplica } from "../../../../src/providers/targets/local/replica.ts";
import { notReadyError } from "../../../../src/providers/targets/local/replica-error.ts";
import type { ReplicaExit, ReplicaProcess } from "../../../../src/providers/targets/local/runner.ts";
import { service } from "./fixtures.ts";

const noCgroups = () => ({ kind: "none", reason: "no cgroup v2 is mounted" }) as const;
const idle = "setInterval(() => {}, 1000);";
const eats = (mebibytes: number) => `const all = Buffer.alloc(${String(mebibytes)} * 2 ** 20, 1);${idle}`;
const itsChildEats = (mebibytes: number) =>
  `require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(eats(mebibytes))}]);${idle}`;

/** A process of Node, and all that it started, as one that is stopped as a whole. */
function node(script: string): ReplicaProcess {
  const child = spawn(process.execPath, ["-e", script], { stdio: "ignore", detached: true });
  const exited = new Promise<ReplicaExit>((resolve) => {
    child.once("close", (code) => {
      resolve({ exitCode: code ?? 137 });
    });
  });
  return {
    processId: child.pid!,
    exited,
    stop: () => {
      try {
        process.kill(-child.pid!, "SIGKILL");
      } catch {
        // It has ended.
      }
      return exited;
    },
  };
}

test.each([
  ["by itself", eats(300)],
  ["by what it started", itsChildEats(300)],
])("where the kernel does not limit it, a process over its memory limit is killed: %s", async (_, script) => {
  const started = await startWithin({ memoryMiB: 200 }, async () => node(script), noCgroups);
  expect(await started.exited).toEqual({
    exitCode: 137,
    killed: "killed: over its memory limit of 200 MiB",
  });
});

test("one that stays below its limit is left alone, and its end is its own", async () => {
  const started = await startWithin(
    { memoryMiB: 400 },
    async () => node("const all = Buffer.alloc(100 * 2 ** 20, 1); setTimeout(() => process.exit(3), 1000)"),
    noCgroups,
  );
  expect(await started.exited).toEqual({ exitCode: 3 });
});

test("a service without limits is not looked at, and asks nothing of the machine", async () => {
  const support = vi.fn(noCgroups);
  const process = node(idle);
  expect(await startWithin(undefined, async () => process, support)).toBe(process);
  expect(support).not.toHaveBeenCalled();
  await process.stop(0);
});

test("what this machine does not limit is said for what is asked of it, and for nothing else", () => {
  const asks = (limits: { cpus?: number; memoryMiB?: number }) => [{ ...service(), limits }];
  expect(limitations([service()], noCgroups)).toEqual([]);
  expect(limitations(asks({ cpus: 1, memoryMiB: 64 }), () => ({ kind: "cgroup", directory: "/" }))).toEqual(
    [],
  );
  expect(limitations(asks({ cpus: 0.5, memoryMiB: 512 }), noCgroups)).toEqual([
    "CPU is not limited on this machine; memory is watched: a replica that takes more than its limit is killed and " +
      "started again (no cgroup v2 is mounted)",
  ]);
  expect(limitations(asks({ cpus: 0.5 }), noCgroups)).toEqual([
    "CPU is not limited on this machine (no cgroup v2 is mounted)",
  ]);
});

test("a replica that is killed for its memory says so in its log, to observers, and in the error of a deploy", async () => {
  const lines: string[] = [];
  const log = {
    file: "web.log",
    write: (_: string, chunk: Buffer) => void lines.push(chunk.toString()),
    ...{ flush: () => undefined, close: () => undefined, tail: () => lines.join("") },
  } as unknown as Parameters<typeof startReplica>[1];
  const definition = {
    ...{ id: "web.0.test", index: 0, version: "v1", variables: {}, secrets: {}, fingerprint: "" },
    service: { ...service(), limits: { memoryMiB: 200 } },
    image: { variables: {}, start: async () => node(eats(300)) },
    scrub: (text: string) => text,
  } as unknown as Parameters<typeof startReplica>[0];
  const replica = await startReplica(definition, log, {
    ...{ freePort: () => Promise.resolve(9), changed: () => undefined, say: () => undefined },
  });
  try {
    const first = await replica.firstReady(new AbortController().signal);
    expect(first).toMatchObject({ kind: "exited", killed: "killed: over its memory limit of 200 MiB" });
    expect(lines.join("")).toContain("killed: over its memory limit of 200 MiB\n");
    expect(replica.lastKilled()).toMatch(/^killed: over its memory limit of 200 MiB, at \d{4}-/);
    if (first.kind === "ready") return expect.fail();
    expect(notReadyError(replica, first, undefined).message).toContain(
      "was killed: over its memory limit of 200 MiB before it was ready",
    );
  } finally {
    await replica.stop(0);
  }
});
