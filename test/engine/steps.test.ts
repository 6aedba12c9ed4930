import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { ReturnType, CacheSharingMode } from "@dagger.io/dagger";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { image, refusalOf, testEngine, type TestEngine } from "./support/engine.ts";

let engine: TestEngine;
beforeAll(async () => {
  engine = await testEngine();
});
afterAll(() => engine[Symbol.asyncDispose]());

const random = ["sh", "-c", "head -c 8 /dev/urandom | od -An -tx1"];

describe("a step", () => {
  it("runs when somebody asks, and once for all who ask", async () => {
    const before = engine.events.length;
    await engine.with(async (dag) => {
      const step = dag.container().from(image).withEnvVariable("STEP", "once").withExec(random);
      await step.id();
      expect(engine.events.slice(before).filter(({ type }) => type === "started")).toEqual([]);
      const [a, b] = await Promise.all([step.stdout(), step.withNewFile("/x", "").stdout()]);
      expect(a).toBe(b);
    });
    expect(engine.events.slice(before).filter(({ type }) => type === "started")).toHaveLength(1);
  });

  it("runs again when something changes that it sees", async () => {
    const output = (value: string) =>
      engine.with((dag) =>
        dag.container().from(image).withEnvVariable("SEEN", value).withExec(random).stdout(),
      );
    expect(await output("1")).toBe(await output("1"));
    expect(await output("1")).not.toBe(await output("2"));
  });

  it("is found again by another session, which says so", async () => {
    const first = await engine.with((dag) =>
      dag.container().from(image).withEnvVariable("KEPT", "1").withExec(random).stdout(),
    );
    await using other = await testEngine({ cache: engine.cache });
    const second = await other.with((dag) =>
      dag.container().from(image).withEnvVariable("KEPT", "1").withExec(random).stdout(),
    );
    expect(second).toBe(first);
    expect(other.events).toContainEqual(expect.objectContaining({ type: "finished", outcome: "cached" }));
    expect(other.events).not.toContainEqual(expect.objectContaining({ outcome: "done" }));
  });

  it("of two sessions at once runs once", async () => {
    await using other = await testEngine({ cache: engine.cache });
    const run = (dag: Parameters<Parameters<TestEngine["with"]>[0]>[0]) =>
      dag
        .container()
        .from(image)
        .withEnvVariable("SHARED", "1")
        .withExec(["sh", "-c", "sleep 0.5; head -c 8 /dev/urandom | od -An -tx1"])
        .stdout();
    const [a, b] = await Promise.all([engine.with(run), other.with(run)]);
    expect(a).toBe(b);
  });

  it("that failed is not remembered", async () => {
    await engine.with(async (dag) => {
      const step = dag
        .container()
        .from(image)
        .withMountedCache("/c", dag.cacheVolume("attempts"))
        .withExec(["sh", "-c", "echo x >> /c/n; exit 1"]);
      await refusalOf(step.sync());
      await refusalOf(step.sync());
      const count = dag
        .container()
        .from(image)
        .withMountedCache("/c", dag.cacheVolume("attempts"))
        .withExec(["sh", "-c", "wc -l < /c/n"]);
      expect(await count.stdout()).toBe("2\n");
    });
  });

  it("may fail where that is expected, but not by a signal", async () => {
    await engine.with(async (dag) => {
      const base = dag.container().from(image);
      expect(await base.withExec(["sh", "-c", "exit 7"], { expect: ReturnType.Any }).exitCode()).toBe(7);
      const killed = await refusalOf(
        base.withExec(["sh", "-c", "kill -9 $$"], { expect: ReturnType.Any }).exitCode(),
      );
      expect(killed).toMatchObject({ name: "ExecError", exitCode: 137 });
      const fine = await refusalOf(base.withExec(["true"], { expect: ReturnType.Failure }).exitCode());
      expect(fine).toMatchObject({ name: "ExecError", exitCode: 0 });
    });
  });

  it("that fails shows the end of what it said, without the blank around it", async () => {
    await engine.with(async (dag) => {
      const sh = (script: string) => dag.container().from(image).withExec(["sh", "-c", script]).sync();
      const short = await refusalOf(sh("printf '\\n\\n  a \\n\\n'; exit 3"));
      expect(short["stdout"]).toBe("a");
      const long = await refusalOf(sh("head -c 200000 /dev/zero | tr '\\0' x; echo end >&2; exit 3"));
      expect(long["stdout"]).toHaveLength(100 * 1024);
      expect(long["stdout"]).toMatch(/^\[omitting 97600 bytes\]\.\.\.x+$/);
      expect(long["stderr"]).toBe("end");
    });
  });

  it("with a NUL in a word or variable is refused: the program would get another one", async () => {
    await engine.with(async (dag) => {
      const from = dag.container().from(image);
      expect((await refusalOf(from.withExec(["echo", "a\0b"]).stdout())).message).toContain("a NUL");
      const variable = from.withEnvVariable("A", "a\0b").withExec(["env"]);
      expect((await refusalOf(variable.stdout())).message).toContain('"A" holds a NUL');
    });
  });

  it("of another platform is refused, and takes nothing from the cache of this one", async () => {
    await engine.with(async (dag) => {
      const platform = (
        (await dag.defaultPlatform()) === "linux/amd64" ? "linux/arm64" : "linux/amd64"
      ) as never;
      const rootfs = dag.container().from(image).rootfs();
      const asked = ["echo", "which"];
      expect(await dag.container().withRootfs(rootfs).withExec(asked).stdout()).toBe("which\n");
      const other = dag.container({ platform }).withRootfs(rootfs).withExec(asked);
      expect((await refusalOf(other.stdout())).message).toMatch(/of linux\/\w+ on linux.*does not support/);
      const standIn = dag.container({ platform }).from(image).file("/etc/passwd");
      expect((await refusalOf(standIn.contents())).message).toMatch(/stand-in for .*does not support/);
    });
  });

  it("takes its input, and puts its output into files", async () => {
    await engine.with(async (dag) => {
      const step = dag
        .container()
        .from(image)
        .withWorkdir("/tmp")
        .withExec(["cat"], { stdin: "typed", redirectStdout: "out.txt" });
      expect(await step.file("/tmp/out.txt").contents()).toBe("typed");
      expect(await step.stdout()).toBe("typed");
    });
  });

  it("tells its progress in order, with its command as people would type it", async () => {
    const before = engine.events.length;
    await engine.with((dag) =>
      dag.container().from(image).withExec(["sh", "-c", "echo told $0", "it's"]).sync(),
    );
    const events = engine.events.slice(before);
    expect(events.map(({ type }) => type)).toEqual(["started", "output", "finished"]);
    expect(events[0]).toMatchObject({ command: `sh -c 'echo told $0' 'it'\\''s'`, image });
    expect(events[1]).toMatchObject({ stream: "stdout", text: "told it's\n" });
    expect(events[2]).toMatchObject({ outcome: "done", exitCode: 0 });
  });

  it("says once what stands in for its image", async () => {
    await using other = await testEngine({ cache: engine.cache });
    await other.with((dag) =>
      Promise.all(["a", "b"].map((word) => dag.container().from(image).withExec(["echo", word]).sync())),
    );
    expect(other.notes().filter((note) => note.startsWith(image))).toHaveLength(1);
  });

  it("on an image that nothing can stand in for is refused with the way out", async () => {
    const error = await refusalOf(
      engine.with((dag) => dag.container().from("nothing/like-it:1").withExec(["true"]).sync()),
    );
    expect(error.message).toContain("nothing/like-it:1");
    expect(error.message).toContain("--engine dagger");
  });

  it("waits for another that holds a locked volume, and shares one that is not locked", async () => {
    const run = (n: string) =>
      engine.with((dag) =>
        dag
          .container()
          .from(image)
          .withEnvVariable("N", n)
          .withMountedCache("/c", dag.cacheVolume("locked"), { sharing: CacheSharingMode.Locked })
          .withExec([
            "sh",
            "-c",
            "[ -e /c/busy ] && echo clash; touch /c/busy; sleep 0.3; rm /c/busy; echo done",
          ])
          .stdout(),
      );
    expect(await Promise.all(["1", "2", "3"].map(run))).toEqual(["done\n", "done\n", "done\n"]);
  });

  it("is ended with its session", async () => {
    const other = await testEngine({ cache: engine.cache });
    const marker = join(other.workdir, "pid");
    const running = refusalOf(
      other.with((dag) =>
        dag
          .container()
          .from(image)
          .withEnvVariable("END", marker)
          .withExec(["sh", "-c", "echo started; sleep 600"])
          .sync(),
      ),
    );
    await expect
      .poll(() => other.events.some((event) => event.type === "output"), { timeout: 10_000 })
      .toBe(true);
    await expect.poll(sleepers).toBeGreaterThan(0);
    const before = await sleepers();
    await other[Symbol.asyncDispose]();
    await running;
    await expect.poll(sleepers).toBe(before - 1);
  });
});

/** How many `sleep 600` this machine runs. */
async function sleepers(): Promise<number> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")),
  );
  return lines.filter((line) => line === "sleep\x00600\x00").length;
}
