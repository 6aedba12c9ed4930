import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  access,
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openLayerStore, type LayerStore } from "../../../src/host/layers/layers.ts";
import { removeTree } from "../../../src/host/layers/remove.ts";

describe("a layer store", () => {
  let root: string;
  let store: LayerStore;
  const children: ChildProcess[] = [];
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "fairway-store-"));
    store = await openLayerStore(root);
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
    await removeTree(root);
  });

  const fill = (name: string) => async (draft: { readonly path: string }) =>
    writeFile(join(draft.path, name), name);

  /** Another process of this store: see store-process.ts for what it can be told. */
  async function other(...command: readonly string[]): Promise<ChildProcess> {
    const child = fork(join(import.meta.dirname, "store-process.ts"), [root, ...command], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    children.push(child);
    await once(child, "message");
    return child;
  }

  test("makes a layer once, and finds it again, also in another process", async () => {
    let made = 0;
    const make = () =>
      store.ensure("exec:1", async (draft) => {
        made++;
        await fill("a")(draft);
      });
    const [one, two] = await Promise.all([make(), make()]);
    expect(one).toEqual(two);
    expect(await readdir(one.path)).toEqual(["a"]);
    expect(await (await openLayerStore(root)).get("exec:1")).toEqual(one);
    expect(made).toBe(1);
  });

  test("answers undefined for a layer and a record that are not there", async () => {
    expect(await store.get("exec:none")).toBeUndefined();
    expect(await store.readRecord("exec:none")).toBeUndefined();
  });

  test("makes a layer again of which a file was cut off, changed, added or removed since the last process", async () => {
    const damages: readonly ((path: string) => Promise<unknown>)[] = [
      (path) => truncate(join(path, "a"), 0),
      (path) => writeFile(join(path, "a"), "b"),
      (path) => writeFile(join(path, "b"), "b"),
      (path) => rm(join(path, "a")),
      (path) => chmod(join(path, "a"), 0o000),
    ];
    for (const [index, damage] of damages.entries()) {
      const key = `exec:damaged-${String(index)}`;
      const { path } = await store.ensure(key, fill("a"));
      await damage(path);
      expect(await (await openLayerStore(root)).get(key)).toBeUndefined();
      const again = await (await openLayerStore(root)).ensure(key, fill("a"));
      expect(again.path).toBe(path);
      expect(await readdir(path)).toEqual(["a"]);
      expect(await readFile(join(path, "a"), "utf8")).toBe("a");
    }
    expect(await readdir(join(root, "scratch"))).toEqual([]);
  });

  test("takes a layer as it is that was made before inventories were", async () => {
    const { path } = await store.ensure("exec:old", fill("a"));
    await rm(join(path, "../inventory"));
    expect(await (await openLayerStore(root)).get("exec:old")).toBeDefined();
  });

  test("leaves a damaged layer on the disk for as long as another process uses it, and makes it again", async () => {
    const { path } = await store.ensure("exec:used", fill("a"));
    const user = await other("use", "exec:used");
    await writeFile(join(path, "a"), "");
    const next = await openLayerStore(root);
    await next.ensure("exec:used", fill("a"));
    expect(await readFile(join(path, "a"), "utf8")).toBe("a");
    expect(await readdir(join(root, "scratch"))).toHaveLength(1);
    user.kill("SIGKILL");
    await once(user, "exit");
    await openLayerStore(root);
    expect(await readdir(join(root, "scratch"))).toEqual([]);
  });

  test("refuses what is no key", async () => {
    for (const key of ["", "A", "a/b", "../x", "a b", "x".repeat(129)]) {
      await expect(store.ensure(key, fill("a"))).rejects.toThrow("not a key");
    }
  });

  test("keeps nothing of a fill that throws, and can be asked again", async () => {
    const failing = store.ensure("exec:2", async (draft) => {
      await fill("half")(draft);
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    expect(await readdir(join(root, "drafts"))).toEqual([]);
    expect(await readdir((await store.ensure("exec:2", fill("whole"))).path)).toEqual(["whole"]);
  });

  test("lets one process fill and others wait; what a killed one left is swept, and the next one fills", async () => {
    const holder = await other("hold", "exec:3");
    let filled = false;
    const waiting = store.ensure("exec:3", async (draft) => {
      filled = true;
      await fill("second")(draft);
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(filled).toBe(false);
    holder.kill("SIGKILL");
    expect(await readdir((await waiting).path)).toEqual(["second"]);
    // A killed process gives its locks back a moment before the kernel calls it dead.
    const draftsAfterOpening = async () => {
      await openLayerStore(root);
      return readdir(join(root, "drafts"));
    };
    await expect.poll(draftsAfterOpening).toEqual([]);
  });

  test("takes over what another process made while it waited", async () => {
    const holder = await other("hold", "exec:4");
    const waiting = store.ensure("exec:4", () => Promise.reject(new Error("made twice")));
    holder.send("finish");
    expect(await readdir((await waiting).path)).toEqual(["held"]);
  });

  test("keeps records as they were written", async () => {
    const value = { exitCode: 3, stdout: "a\n", list: [1, null, "ž"] };
    await store.writeRecord("exec:5", value);
    await Promise.all([1, 2, 3, 4, 5].map((number) => store.writeRecord("exec:6", { number })));
    expect(await (await openLayerStore(root)).readRecord("exec:5")).toEqual(value);
    expect(await store.readRecord("exec:6")).toHaveProperty("number");
  });

  test("takes a record that is cut off for one that is not there", async () => {
    await store.writeRecord("record:cut", { stdout: "x".repeat(100) });
    await truncate(join(root, "records", "record_cut.json"), 50);
    expect(await store.readRecord("record:cut")).toBeUndefined();
  });

  test("gives each cache volume a directory of its own, whatever its name", async () => {
    const names = ["npm", "NPM", "a/b", "a-b", "../..", "", "ž 🚢\n", "x".repeat(1000)];
    const paths = await Promise.all(names.map((name) => store.cacheVolume(name)));
    expect(new Set(paths).size).toBe(names.length);
    for (const path of paths) expect(join(root, "volumes", basename(path))).toBe(path);
    expect(await store.cacheVolume("npm")).toBe(paths[0]);
  });

  test("removes a scratch directory also when its modes forbid it", async () => {
    let path: string;
    {
      await using scratch = await store.scratch();
      path = scratch.path;
      await mkdir(join(path, "work/work"), { recursive: true });
      await writeFile(join(path, "work/work/x"), "");
      const { chmod } = await import("node:fs/promises");
      await chmod(join(path, "work/work"), 0);
      await chmod(join(path, "work"), 0o500);
    }
    await expect(access(path)).rejects.toThrow();
  });

  test("sweeps what processes that are gone left, and nothing of those that live", async () => {
    const living = await other("hold", "exec:7");
    const dead = await other("hold", "exec:8");
    dead.kill("SIGKILL");
    await once(dead, "exit");
    await using scratch = await store.scratch();
    await openLayerStore(root);
    expect(await readdir(join(root, "drafts"))).toHaveLength(1);
    await access(scratch.path);
    living.send("finish");
  });

  test("prunes the least recently used first, and never what a living process uses", async () => {
    const maker = await other("make", "old:1", "old:2", "old:3", "used:1");
    maker.kill("SIGKILL");
    await once(maker, "exit");
    for (const [age, key] of [
      [300, "old:1"],
      [100, "old:2"],
      [200, "old:3"],
      [400, "used:1"],
    ] as const) {
      const at = new Date(Date.now() - age * 1000);
      await utimes(join(root, "layers", key.replace(":", "_")), at, at);
    }
    await other("use", "used:1");
    const { removedBytes } = await store.prune(250_000);
    expect(removedBytes).toBeGreaterThan(190_000);
    const left = await readdir(join(root, "layers"));
    expect(left.sort()).toEqual(["old_2", "used_1"]);
    await store.prune(0);
    expect(await readdir(join(root, "layers"))).toEqual(["used_1"]);
    expect(await readdir(join(root, "scratch"))).toEqual([]);
  });

  test("prunes what was not used for a while, and leaves what was", async () => {
    await store.writeRecord("old", 1);
    await store.writeRecord("new", 2);
    await utimes(join(root, "records", "old.json"), 1_000, 1_000);
    await store.prune(0, { unusedSinceMs: 2_000_000 });
    expect([await store.readRecord("old"), await store.readRecord("new")]).toEqual([undefined, 2]);
    expect((await store.measure()).records.items).toBe(1);
  });

  test("prunes records and cache volumes as well", async () => {
    const maker = await other("volume", "npm");
    maker.kill("SIGKILL");
    await once(maker, "exit");
    await store.writeRecord("exec:9", { a: 1 });
    await store.prune(0);
    expect([await readdir(join(root, "volumes")), await readdir(join(root, "records"))]).toEqual([[], []]);
  });

  test("says how to go on when its directory cannot be made or written", async () => {
    await writeFile(join(root, "file"), "");
    for (const path of [join(root, "file"), join(root, "file/below")]) {
      await expect(openLayerStore(path)).rejects.toMatchObject({ code: "CACHE_NOT_WRITABLE", exitCode: 1 });
    }
    const sealed = join(root, "sealed");
    await mkdir(sealed, { mode: 0o500 });
    if (process.geteuid?.() === 0) return;
    await expect(openLayerStore(join(sealed, "store"))).rejects.toMatchObject({ code: "CACHE_NOT_WRITABLE" });
  });

  test.runIf(process.geteuid?.() === 0)("says that the disk is full, and leaves nothing", async () => {
    const { spawnSync } = await import("node:child_process");
    const small = join(root, "small");
    await mkdir(small);
    const script = 'mount -n -t tmpfs -o size=1m none "$1" && exec "$2" "$3" "$1" full';
    const ran = spawnSync(
      "unshare",
      [
        "--mount",
        "sh",
        "-c",
        script,
        "sh",
        small,
        process.execPath,
        join(import.meta.dirname, "store-process.ts"),
      ],
      { encoding: "utf8" },
    );
    expect(JSON.parse(ran.stdout)).toEqual({ code: "CACHE_FULL", names: true, drafts: [] });
  });

  test("is its user's alone", async () => {
    expect((await stat(join(root, "layers"))).mode & 0o777).toBe(0o700);
    await store.writeRecord("exec:10", "x");
    expect((await stat(join(root, "records/exec_10.json"))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(root, "records/exec_10.json"), "utf8")).toBe('"x"');
  });
});
