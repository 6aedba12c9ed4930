import { chmod, mkdir, readFile, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { image, refusalOf, testEngine, type TestEngine } from "./support/engine.ts";

let engine: TestEngine;
beforeAll(async () => {
  engine = await testEngine();
});
afterAll(() => engine[Symbol.asyncDispose]());

let folders = 0;
/** A folder of the host with these files. */
async function hostFolder(files: Record<string, string>): Promise<string> {
  const root = join(engine.workdir, `host-${String(++folders)}`);
  await mkdir(root, { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return root;
}

describe("a directory of the host", () => {
  it("is read with its hidden files and links, never with .fairway", async () => {
    const root = await hostFolder({
      "a.txt": "A",
      ".hidden": "H",
      "sub/b.txt": "B",
      ".fairway/ledger.db": "x",
      "sub/.fairway/y": "y",
    });
    await symlink("a.txt", join(root, "link"));
    const found = await engine.with((dag) => dag.host().directory(root).glob("**"));
    expect(found).toEqual([".hidden", "a.txt", "link", "sub/", "sub/b.txt"]);
  });

  it("honours include, exclude and .gitignore", async () => {
    const root = await hostFolder({
      ".gitignore": "dist/\n",
      "src/a.ts": "",
      "src/a.test.ts": "",
      "dist/a.js": "",
      "README.md": "",
    });
    await engine.with(async (dag) => {
      const host = dag.host();
      expect(
        await host.directory(root, { include: ["src/**"], exclude: ["**/*.test.ts"] }).glob("**"),
      ).toEqual(["src/", "src/a.ts"]);
      expect(await host.directory(root, { gitignore: true, exclude: [".gitignore"] }).entries()).toEqual([
        "README.md",
        "src/",
      ]);
    });
  });

  it("has its own times in a step, also where another one has the same content", async () => {
    const [one, two] = [await hostFolder({ "d/f": "x" }), await hostFolder({ "d/f": "x" })];
    for (const [root, seconds] of [
      [one, 1e9],
      [two, 1.1e9],
    ] as const)
      for (const path of ["d/f", "d"]) await utimes(join(root, path), seconds, seconds);
    const times = await engine.with((dag) => {
      const base = dag.container().from(image);
      const stat = (at: string) => ["stat", "-c", "%Y", `${at}/d`, `${at}/d/f`];
      return Promise.all([
        base.withMountedDirectory("/one", dag.host().directory(one)).withExec(stat("/one")).stdout(),
        base.withMountedDirectory("/two", dag.host().directory(two)).withExec(stat("/two")).stdout(),
        base.withDirectory("/put", dag.host().directory(two)).withExec(stat("/put")).stdout(),
      ]);
    });
    expect(times).toEqual([
      "1000000000\n1000000000\n",
      "1100000000\n1100000000\n",
      "1100000000\n1100000000\n",
    ]);
  });

  it("is read once a session", async () => {
    const root = await hostFolder({ f: "one" });
    await engine.with(async (dag) => {
      expect(await dag.host().directory(root).file("f").contents()).toBe("one");
      await writeFile(join(root, "f"), "two");
      expect(await dag.host().directory(root).file("f").contents()).toBe("one");
      expect(await dag.host().directory(root, { noCache: true }).file("f").contents()).toBe("two");
    });
  });

  it("sees a change that left size and times as they were", async () => {
    const root = await hostFolder({ f: "one" });
    const time = new Date(1_700_000_000_000);
    await utimes(join(root, "f"), time, time);
    const read = () =>
      engine.with((dag) => dag.host().directory(root, { noCache: true }).file("f").contents());
    expect(await read()).toBe("one");
    await writeFile(join(root, "f"), "two");
    await utimes(join(root, "f"), time, time);
    expect(await read()).toBe("two");
  });

  it("names a missing path", async () => {
    const error = await refusalOf(engine.with((dag) => dag.host().directory("nowhere").entries()));
    expect(error.message).toContain("nowhere: no such file or directory");
  });
});

describe("a directory", () => {
  it("keeps its digest when only times change, and loses it with content, name or mode", async () => {
    const root = await hostFolder({ a: "A" });
    const digest = () => engine.with((dag) => dag.host().directory(root, { noCache: true }).digest());
    const first = await digest();
    await utimes(join(root, "a"), new Date(0), new Date(0));
    expect(await digest()).toBe(first);
    await chmod(join(root, "a"), 0o755);
    const second = await digest();
    expect(second).not.toBe(first);
    await writeFile(join(root, "b"), "");
    expect(await digest()).not.toBe(second);
  });

  it("is exported with modes and links, and answers where", async () => {
    const target = join(engine.workdir, "exported");
    const answer = await engine.with((dag) =>
      dag
        .directory()
        .withNewFile("bin/x.sh", "#!", { permissions: 0o750 })
        .withSymlink("bin", "link")
        .export(target),
    );
    expect(answer).toBe(target);
    expect((await stat(join(target, "bin/x.sh"))).mode & 0o777).toBe(0o750);
    expect(await readFile(join(target, "link/x.sh"), "utf8")).toBe("#!");
  });

  it("has the difference to another", async () => {
    await engine.with(async (dag) => {
      const base = dag.directory().withNewFile("a", "1").withNewFile("b", "1");
      const diff = base.diff(base.withNewFile("b", "2").withNewFile("n/c", "3").withoutFile("a"));
      expect(await diff.glob("**")).toEqual(["b", "n/", "n/c"]);
    });
  });

  it("tells a missing file as the engine does", async () => {
    const error = await refusalOf(engine.with((dag) => dag.directory().file("nope").contents()));
    expect(error).toMatchObject({
      name: "GraphQLRequestError",
      message: "stat nope: no such file or directory",
    });
  });
});

describe("a container's filesystem", () => {
  it("takes files with modes and owners, by name from its own user database", async () => {
    const output = await engine.with((dag) =>
      dag
        .container()
        .from(image)
        .withNewFile("/data/f", "x", { permissions: 0o640, owner: "nobody:nogroup" })
        .withDirectory("/tree", dag.directory().withNewFile("a/b", "y"), { owner: "1234" })
        .withExec(["stat", "-c", "%a %U:%G", "/data/f"])
        .stdout(),
    );
    expect(output).toBe("640 nobody:nogroup\n");
  });

  it("loses what is removed, and shows nothing of a folder that was replaced", async () => {
    const output = await engine.with((dag) =>
      dag
        .container()
        .from(image)
        .withExec(["sh", "-c", "mkdir -p /d/old; touch /d/old/x /d/keep"])
        .withoutDirectory("/d/old")
        .withNewFile("/d/old/new", "")
        .withoutFile("/etc/debian_version")
        .withExec(["sh", "-c", "find /d | sort; ls /etc/debian_version 2>/dev/null || echo gone"])
        .stdout(),
    );
    expect(output).toBe("/d\n/d/keep\n/d/old\n/d/old/new\ngone\n");
  });

  it("keeps what a step writes to a mount for the next step, and not in the source", async () => {
    await engine.with(async (dag) => {
      const source = dag.directory().withNewFile("a", "1").withNewFile("b", "2");
      const container = dag
        .container()
        .from(image)
        .withMountedDirectory("/m", source)
        .withExec(["sh", "-c", "echo new > /m/c; rm /m/a"])
        .withNewFile("/m/d", "");
      expect(await container.withExec(["ls", "/m"]).stdout()).toBe("b\nc\nd\n");
      expect(await container.directory("/m").entries()).toEqual(["b", "c", "d"]);
      expect(await source.entries()).toEqual(["a", "b"]);
      expect(await container.withoutMount("/m").exists("/m")).toBe(false);
    });
  });

  it("gives what a step made to another container", async () => {
    const output = await engine.with((dag) => {
      const built = dag
        .container()
        .from(image)
        .withExec(["sh", "-c", "mkdir -p /out/sub; echo made > /out/sub/f"])
        .directory("/out");
      return dag.container().from(image).withDirectory("/in", built).withExec(["cat", "/in/sub/f"]).stdout();
    });
    expect(output).toBe("made\n");
  });
});

describe("a directory of a container", () => {
  it("gives files new times and owners right after they were put there, without a step between", async () => {
    await engine.with(async (dag) => {
      const etc = dag
        .container()
        .from(image)
        .directory("/etc")
        .filter({ include: ["passwd"] });
      const base = dag.container().from(image).withDirectory("/t", etc).directory("/t");
      const stamped = base
        .withNewFile("x", "new")
        .withNewFile("d/y", "new")
        .withTimestamps(5)
        .chown("x", "7:8");
      const seen = dag.container().from(image).withMountedDirectory("/m", stamped);
      const stats = await seen.withExec(["stat", "-c", "%n %s %Y", "/m/x", "/m/d/y", "/m/d"]).stdout();
      expect(stats).toMatch(/^\/m\/x 3 5\n\/m\/d\/y 3 5\n\/m\/d \d+ 5\n$/);
      expect(await stamped.file("x").contents()).toBe("new");
    });
  });
});
