import { access, mkdtemp, readdir, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Client, Container } from "@dagger.io/dagger";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { image, testEngine, type TestEngine } from "../../engine/support/engine.ts";

/** All of it in test/slow/careless.test.ts, where removing this machine's whole userland takes its time. */
const wiped = process.env["FAIRWAY_TEST_WIPE"] ?? "/etc /home /root /var";

/** Accidents, not attacks: whoever wants out of a step's filesystem is stopped by the real engine only. */
describe("a careless step", () => {
  let engine: TestEngine;
  let host: string;
  beforeEach(async () => {
    engine = await testEngine();
    host = await mkdtemp(join(tmpdir(), "fairway-host-"));
    await writeFile(join(host, "key"), "the host's");
  });
  afterEach(async () => {
    expect(await readdir(host)).toEqual(["key"]);
    expect(await readFile(join(host, "key"), "utf8")).toBe("the host's");
    await engine[Symbol.asyncDispose]();
    await rm(host, { recursive: true });
  });

  const sh = (container: Container, script: string) => container.withExec(["sh", "-c", script]);

  test("that removes all it sees leaves the host, its own inputs, and the steps beside it with their secrets", async () => {
    const below = (dag: Client) => sh(dag.container().from(image), "echo kept >/kept");
    await engine.with(async (dag) => {
      await below(dag).sync();
      const secret = dag.setSecret("key", "the other step's");
      const beside = sh(
        dag.container().from(image).withMountedSecret("/run/key", secret),
        "for i in 1 2 3 4 5 6 7 8; do sleep 0.1; cat /run/key >/dev/null || exit 1; done; wc -c </run/key; ls /bin/sh",
      ).stdout();
      const wiping = sh(
        below(dag)
          .withMountedSecret("/run/own", secret)
          .withMountedDirectory("/host", dag.host().directory(host)),
        `rm -rf --no-preserve-root ${wiped} /kept 2>/dev/null; rm -rf /host/* 2>/dev/null; [ ! -e /kept ] && [ ! -e /host/key ] && [ ! -e /etc/passwd ] && echo wiped`,
      ).stdout();
      expect(await Promise.all([wiping, beside])).toEqual(["wiped\n", "16\n/bin/sh\n"]);
      expect(await below(dag).file("/kept").contents()).toBe("kept\n");
      expect(
        await sh(
          dag.container().from(image).withMountedSecret("/run/key", secret),
          "wc -c </run/key",
        ).stdout(),
      ).toBe("16\n");
    });
    for (const path of ["/bin/sh", "/usr/bin/env", "/etc/passwd", process.execPath]) await access(path);
  }, 600_000);

  test("that fills /tmp fills its own, which no other step and nobody on the host sees", async () => {
    const mark = `fairway-filled-${String(process.pid)}`;
    await engine.with(async (dag) => {
      await sh(dag.container().from(image), `head -c 30000000 /dev/zero >/tmp/${mark}`).sync();
      expect(await sh(dag.container().from(image), "ls -A /tmp /dev/shm /var/tmp").stdout()).not.toContain(
        mark,
      );
    });
    for (const folder of ["/tmp", "/var/tmp", "/dev/shm"]) expect(await readdir(folder)).not.toContain(mark);
  });

  test("whose symlinks point out changes nothing there, and nobody reads the host through them", async () => {
    await engine.with(async (dag) => {
      const up = "../".repeat(12);
      const linked = sh(
        dag.container().from(image),
        `mkdir /d; ln -s ${host} /d/out; ln -s ${up}${host} /d/up; ln -s ${host}/key /d/key; echo changed >/d/out/key; echo changed >/d/key; true`,
      );
      const folder = linked.directory("/d");
      for (const path of ["out/key", "up/key", "key"])
        expect(await folder.file(path).contents().catch(String)).not.toContain("the host's");
      await linked
        .withNewFile("/d/up/key", "changed")
        .withNewFile("/d/out/more", "x")
        .withExec(["true"])
        .sync();
      await linked.withoutFile("/d/up/key").withoutDirectory("/d/out/").withExec(["true"]).sync();
      await folder.export(join(engine.workdir, "exported"));
      expect(await readlink(join(engine.workdir, "exported/out"))).toBe(host);
      // Again, over the links that are there now.
      await folder
        .withoutFile("out")
        .withNewFile("out/key", "changed")
        .export(join(engine.workdir, "exported"));
    });
  });

  test("whose daemon goes on has none when it has ended", async () => {
    const marker = `97.${String(process.pid)}1`;
    await engine.with((dag) =>
      sh(
        dag.container().from(image),
        `setsid sh -c 'trap "" TERM HUP; sleep ${marker}; sleep ${marker}' >/dev/null 2>&1 & true`,
      ).sync(),
    );
    const lines = await Promise.all(
      (await readdir("/proc"))
        .filter((id) => /^\d+$/.test(id))
        .map((id) => readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "")),
    );
    expect(lines.filter((line) => line.includes(marker))).toEqual([]);
  });
});
