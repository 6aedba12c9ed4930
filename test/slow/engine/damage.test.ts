import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, truncate, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "@dagger.io/dagger";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { image, refusalOf, testEngine, type TestEngine } from "../../engine/support/engine.ts";

const outcomes = ({ events }: TestEngine) =>
  events.flatMap((event) => (event.type === "finished" ? [event.outcome] : []));

describe("a session that is killed", () => {
  it("leaves no process, mount, secret or temporary directory after the next session has begun", async () => {
    const cache = await mkdtemp(join(tmpdir(), "fairway-killed-"));
    try {
      const marker = `9${String(process.pid)}.5`;
      const child = fork(join(import.meta.dirname, "session-process.ts"), [cache, marker], {
        stdio: ["ignore", "ignore", "inherit", "ipc"],
      });
      await once(child, "message");
      expect((await processesNamed(`sleep ${marker}`)).length).toBeGreaterThan(0);
      expect(await secretsOf(child.pid)).toHaveLength(1);
      expect(await readdir(join(cache, "drafts"))).not.toEqual([]);
      child.kill("SIGKILL");
      await once(child, "exit");

      await using next = await testEngine({ cache });
      expect(await next.with((dag) => dag.container().from(image).withExec(["echo", "on"]).stdout())).toBe(
        "on\n",
      );
      for (let tries = 0; tries < 50 && (await processesNamed(`sleep ${marker}`)).length > 0; tries++)
        await sleep(100);
      expect(await processesNamed(`sleep ${marker}`)).toEqual([]);
      expect(await secretsOf(child.pid)).toEqual([]);
      expect(await readFile("/proc/self/mounts", "utf8")).not.toContain(cache);
      for (const folder of ["drafts", "scratch", "uses"])
        expect(
          (await readdir(join(cache, folder))).filter((name) => name.includes(`.${String(child.pid)}.`)),
        ).toEqual([]);
    } finally {
      await rm(cache, { recursive: true, force: true });
    }
  });
});

describe("a damaged cache", () => {
  const made = (dag: Client) =>
    dag
      .container()
      .from(image)
      .withMountedDirectory("/in", dag.directory().withNewFile("a", "A"))
      .withExec(["sh", "-c", "echo B >/in/b; echo made >/made; cat /in/a"]);
  const answer = (dag: Client) =>
    Promise.all([made(dag).stdout(), made(dag).file("/made").contents(), made(dag).file("/in/b").contents()]);

  const damages: Readonly<Record<string, (cache: string) => Promise<void>>> = {
    "a record that is cut off": (cache) =>
      each(join(cache, "records"), async (path) => truncate(path, Math.floor((await stat(path)).size / 2))),
    "a record that is empty": (cache) => each(join(cache, "records"), (path) => truncate(path, 0)),
    "a record that is gone": (cache) => each(join(cache, "records"), (path) => rm(path)),
    "a layer that is gone": (cache) =>
      each(join(cache, "layers"), (path) => rm(path, { recursive: true }), /exec/),
    "a mount's layer that is gone": (cache) =>
      each(join(cache, "layers"), (path) => rm(path, { recursive: true }), /mount/),
  };

  it.for(Object.keys(damages))("with %s has the step run again, to the same answer", async (damage) => {
    await using first = await testEngine();
    const before = await first.with(answer);
    await damages[damage]!(first.cache);
    await using other = await testEngine({ cache: first.cache });
    expect(await other.with(answer)).toEqual(before);
    expect(outcomes(other)).toContain("done");
  });
});

describe("a full disk", () => {
  it("fails what needs room, is not remembered, and is over when there is room again", async (context) => {
    const disk = await mkdtemp(join(tmpdir(), "fairway-full-"));
    const mounted = await execa("mount", ["-t", "tmpfs", "-o", "size=24m", "none", disk], { reject: false });
    if (mounted.failed) {
      await rm(disk, { recursive: true });
      return context.skip("only root can make a small disk");
    }
    try {
      await using engine = await testEngine({ cache: disk });
      const fill = (dag: Client) =>
        dag
          .container()
          .from(image)
          .withExec(["sh", "-c", "head -c 40000000 /dev/zero >/tmp/big && wc -c </tmp/big"]);
      await engine.with(async (dag) => {
        const error = await refusalOf(fill(dag).stdout());
        expect(error.message + String(error["stderr"])).toMatch(/exit code|no space left/i);
        const put = dag.container().from(image).withNewFile("/big", "x".repeat(30_000_000));
        expect((await refusalOf(put.withExec(["true"]).sync())).message).toMatch(/no space left/i);
        expect(await dag.container().from(image).withExec(["echo", "small"]).stdout()).toBe("small\n");
      });
      await execa("mount", ["-o", "remount,size=200m", disk]);
      expect(await engine.with((dag) => fill(dag).stdout())).toBe("40000000\n");
    } finally {
      await execa("umount", ["-l", disk]);
      await rm(disk, { recursive: true });
    }
  });
});

async function each(folder: string, damage: (path: string) => Promise<void>, which = /./): Promise<void> {
  const names = (await readdir(folder)).filter((name) => which.test(name));
  expect(names).not.toEqual([]);
  for (const name of names) await damage(join(folder, name));
}

async function secretsOf(pid: number | undefined): Promise<string[]> {
  return (await readdir("/dev/shm")).filter((name) => name.startsWith(`fairway-secrets.${String(pid)}.`));
}

async function processesNamed(text: string): Promise<string[]> {
  const found: string[] = [];
  for (const id of await readdir("/proc")) {
    if (!/^\d+$/.test(id)) continue;
    const line = (await readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "")).replaceAll("\0", " ");
    if (line.includes(text)) found.push(line);
  }
  return found;
}
