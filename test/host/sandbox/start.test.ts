import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openLayerStore } from "../../../src/host/layers/layers.ts";
import { Bench } from "./fixture.ts";

describe("a program that goes on", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await Bench.open();
  });
  afterAll(() => bench[Symbol.asyncDispose]());

  /** Starts a shell script, and resolves when it has printed its first line. */
  async function start(script: string, log: string[] = []) {
    let heard: () => void;
    const up = new Promise<void>((resolve) => (heard = resolve));
    const running = await bench.sandbox.start(
      bench.request(["sh", "-c", script], {
        onOutput: (_, chunk) => {
          log.push(chunk.toString());
          heard();
        },
      }),
    );
    await Promise.race([up, running.exited]);
    return running;
  }

  test("is the process of its number on this machine", async () => {
    const running = await start("echo up; exec sleep 96.5");
    await until(
      () => readFileSync(`/proc/${String(running.processId)}/cmdline`, "utf8") === "sleep\x0096.5\x00",
    );
    expect(await running.stop(1000)).toEqual({ exitCode: 143 });
    expect(isRunning(running.processId)).toBe(false);
  });

  test("gets the signal of its stop, once, and the time to end by itself", async () => {
    const log: string[] = [];
    const running = await start(
      "trap 'echo term; exit 5' TERM; trap 'echo int; exit 6' INT; echo up; while :; do sleep 0.05; done",
      log,
    );
    expect(await running.stop(5000)).toEqual({ exitCode: 5 });
    expect(log.join("")).toBe("up\nterm\n");
    const other = await start("trap 'exit 6' INT; echo up; while :; do sleep 0.05; done");
    expect(await other.stop(5000, "SIGINT")).toEqual({ exitCode: 6 });
  });

  test("that is run by a shell is told through it, and finishes before the rest is cleared away", async () => {
    const log: string[] = [];
    const server = "trap 'sleep 0.3; echo drained; exit 0' TERM; echo up; while :; do sleep 0.05; done";
    const running = await start(`sh -c "${server}"; true`, log);
    await running.stop(5000);
    expect(log.join("")).toBe("up\ndrained\n");
  });

  test("that does not end is killed after the grace", async () => {
    const running = await start("trap '' TERM; echo up; while :; do sleep 0.05; done");
    const began = performance.now();
    expect(await running.stop(200)).toEqual({ exitCode: 137 });
    expect(performance.now() - began).toBeGreaterThan(150);
    expect(await running.stop(200)).toEqual({ exitCode: 137 });
  });

  test("that ends by itself says so", async () => {
    const running = await start("echo up; sleep 0.1; exit 7");
    expect(await running.exited).toEqual({ exitCode: 7 });
  });

  test("that is killed from outside is over, and its sandbox with it", async () => {
    const running = await start("echo up; exec sleep 96.6");
    process.kill(running.processId, "SIGKILL");
    expect(await running.exited).toEqual({ exitCode: 137 });
  });

  test("reaps the orphans of its children", async () => {
    const running = await start(
      "for i in 1 2 3 4 5; do (sleep 0.01 &) ; done; sleep 0.3; echo up; exec sleep 96.7",
    );
    const zombies: string[] = [];
    for (const id of await readdir("/proc")) {
      const status = /^\d+$/.test(id) ? await readFile(`/proc/${id}/stat`, "utf8").catch(() => "") : "";
      if (status.includes("(sleep) Z")) zombies.push(status);
    }
    await running.stop(100);
    expect(zombies).toEqual([]);
  });

  test("reaches this machine's network by its loopback address", async () => {
    const server = createServer((_, response) => response.end("hello")).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address() as { port: number };
    const node = await bench.sandbox.standIn("node:24");
    const script = `fetch("http://api:${String(address.port)}").then(r => r.text()).then(console.log)`;
    const ran = await bench.run(["node", "-e", script], {
      standIn: node,
      variables: node.variables,
      hosts: { api: "127.0.0.1" },
    });
    server.close();
    expect(ran.stdout).toBe("hello\n");
  });

  test("ends when we are killed, and leaves neither process, mount nor file", async () => {
    const child = fork(join(import.meta.dirname, "starter.ts"), [bench.root], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    const [{ processId, init }] = (await once(child, "message")) as [{ processId: number; init: number }];
    expect(isRunning(processId)).toBe(true);
    child.kill("SIGKILL");
    await once(child, "exit");
    await until(() => !isRunning(processId) && !isRunning(init));
    expect(await readFile("/proc/mounts", "utf8")).not.toContain(bench.root);
    await openLayerStore(bench.root);
    const own = (await readdir(join(bench.root, "scratch"))).filter((name) =>
      name.includes(`.${String(child.pid)}.`),
    );
    expect(own).toEqual([]);
    expect(await readdir(join(bench.root, "drafts"))).toEqual([]);
  });

  test("puts itself into the cgroup that it is given before it runs anything, and does not start where it cannot", async () => {
    const cgroup = join(bench.root, "cgroup");
    await mkdir(cgroup);
    expect(await bench.sh("echo hello", { cgroup })).toMatchObject({ exitCode: 0, stdout: "hello\n" });
    expect(await readFile(join(cgroup, "cgroup.procs"), "utf8")).toBe("0\n");
    await expect(bench.sh("echo hello", { cgroup: join(bench.root, "none") })).rejects.toThrow(
      "cgroup.procs",
    );
  });
});

function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch {
    return false;
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}
