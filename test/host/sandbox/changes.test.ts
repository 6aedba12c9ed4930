import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { viewOf, type Layer, type Stack } from "../../../src/host/layers/layers.ts";
import { seededRandom } from "../../../src/testing/testing.ts";
import { Bench, isRoot } from "./fixture.ts";

describe("what a step changes", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await Bench.open();
  });
  afterAll(() => bench[Symbol.asyncDispose]());

  const upperOf = (layer: Layer) => tree(layer.path);

  test("is one tree of exactly what changed, below /usr and elsewhere", async () => {
    const layer = await bench.layer(
      "mkdir /app; echo a >/app/a; echo u >/usr/local/bin/u; echo e >/etc/e; echo t >/tmp/t",
    );
    expect(await upperOf(layer)).toEqual([
      "app/",
      "app/a",
      "etc/",
      "etc/e",
      "tmp/",
      "tmp/t",
      "usr/",
      "usr/local/",
      "usr/local/bin/",
      "usr/local/bin/u",
    ]);
    expect((await lstat(join(layer.path, "tmp"))).mode & 0o7777).toBe(0o1777);
    await sameInsideAndOut([layer], ["/app", "/tmp", "/usr/local"]);
  });

  test("is nothing when nothing changed: no mount point, no file of ours", async () => {
    const layer = await bench.layer(
      "cat /etc/hosts /etc/resolv.conf /dev/null; ls / /usr /dev >/dev/null; sh -c true",
    );
    expect(await upperOf(layer)).toEqual([]);
    expect(await readdir(join(layer.path, ".."))).toEqual(["fs", "inventory"]);
  });

  const below =
    "mkdir -p /d/sub /e /usr/local/n/m; echo 1 >/d/one; echo 2 >/d/sub/two; ln -s one /d/link; ln /d/one /d/hard; echo 3 >/usr/local/n/m/three; echo f >/file";
  const steps: Readonly<Record<string, string>> = {
    "a directory removed and made again is empty": "rm -rf /d && mkdir /d",
    "a directory removed and made again has only what is new":
      "rm -rf /d && mkdir -p /d/sub && echo n >/d/sub/n",
    "the same below /usr": "rm -rf /usr/local/n && mkdir -p /usr/local/n/m && echo n >/usr/local/n/m/n",
    "a directory within a kept one, removed and made again":
      "rm -rf /d/sub && mkdir /d/sub && touch /d/sub/x",
    "a directory is renamed": "mv /d /renamed",
    "a directory is renamed and its name used again": "mv /d /renamed && mkdir /d && echo new >/d/new",
    "a directory is renamed over an empty one": "mv -T /d /e",
    "a directory becomes a file": "rm -rf /d && echo file >/d",
    "a directory becomes a symlink": "rm -rf /d && ln -s e /d",
    "a file becomes a directory": "rm /file && mkdir /file && echo in >/file/in",
    "a file becomes a directory and a file again":
      "rm /file && mkdir /file && rmdir /file && echo again >/file",
    "a removed file and a removed directory stay away": "rm /file && rm -rf /d/sub",
    "all files are removed, the directory stays": "rm -rf /d/* ",
    "a hard link is changed": "echo more >>/d/hard; ln /d/one /d/third",
    modes: "chmod 700 /d; chmod 4755 /d/one; chmod 2775 /d/sub; chmod 000 /file",
    times: "touch -d '2001-02-03 04:05:06' /d /d/one /file",
    "symlinks are replaced": "ln -sfn sub /d/link; ln -s /nowhere /d/dangling",
  };
  for (const [title, script] of Object.entries(steps)) {
    test(`is the same inside later steps and in the view: ${title}`, async () => {
      const first = await bench.layer(below);
      const second = await bench.layer(script, [first]);
      await sameInsideAndOut([first, second], ["/d", "/e", "/renamed", "/file", "/usr/local"]);
      const third = await bench.layer(
        "touch /d/later /e/later 2>/dev/null || true; mkdir -p /usr/local/n/later",
        [first, second],
      );
      await sameInsideAndOut([first, second, third], ["/d", "/e", "/renamed", "/file", "/usr/local"]);
    });
  }

  test("is the same after any sequence of changes", async () => {
    for (const seed of [1, 2, 3]) {
      const random = seededRandom(seed);
      const names = ["a", "b", "c"];
      const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
      const path = () =>
        `/r/${[...Array(1 + Math.floor(random() * 3)).keys()].map(() => pick(names)).join("/")}`;
      const change = () => {
        const [one, two] = [path(), path()];
        return pick([
          `mkdir -p ${one}`,
          `rm -rf ${one}`,
          `rm -rf ${one}; mkdir -p ${one}`,
          `echo ${one} > ${one}`,
          `mv -T ${one} ${two}`,
          `cp -a ${one} ${two}`,
          `ln -s ${two} ${one}`,
          `chmod ${pick(["700", "755", "750"])} ${one}`,
        ]);
      };
      const stack: Layer[] = [];
      for (let step = 0; step < 5; step++) {
        const script = `set +e; mkdir -p /r; ${[...Array(8).keys()].map(change).join("; ")}; true`;
        stack.push(await bench.layer(`exec 2>/dev/null; ${script}`, stack));
        await sameInsideAndOut(stack, ["/r"]);
      }
    }
  });

  test("reaches through hundreds of layers", async () => {
    const stack: Layer[] = [];
    for (let index = 0; index < 200; index++) {
      stack.push(
        await bench.store.ensure(`many:${String(index)}`, async ({ path }) => {
          const { writeFile } = await import("node:fs/promises");
          await writeFile(join(path, `file-${String(index)}`), "");
        }),
      );
    }
    expect((await bench.sh("ls -d /file-* | wc -l", { stack })).stdout.trim()).toBe("200");
  });

  test("is made by draft.remove and draft.setOpaque too", async () => {
    const first = await bench.layer(below);
    const second = await bench.store.ensure("by:hand", async (draft) => {
      await draft.remove("file");
      await draft.remove("d/sub/two");
      await draft.setOpaque("usr/local/n");
      await draft.setOpaque("usr/local/n/m");
      await draft.setOpaque("e");
    });
    await sameInsideAndOut([first, second], ["/d", "/e", "/file", "/usr/local"]);
    expect(await viewOf([...bench.standIn.stack, first, second]).list("/usr/local/n/m")).toEqual([]);
  });

  test.runIf(isRoot)("keeps owners", async () => {
    const layer = await bench.layer("mkdir /o; touch /o/f; chown -R 12:34 /o");
    expect(await viewOf([layer]).stat("/o/f")).toMatchObject({ uid: 12, gid: 34 });
  });

  test("keeps the owners that a draft was told", async () => {
    const layer = await bench.store.ensure("owned", async (draft) => {
      const { mkdir } = await import("node:fs/promises");
      await mkdir(join(draft.path, "home"));
      draft.setOwner("/home", 1000, 1000);
      draft.setOwner("gone", 1, 1);
    });
    expect(await viewOf([layer]).stat("/home")).toMatchObject({ uid: 1000, gid: 1000 });
  });

  /** Compares what a step sees with what the view says: names, types, modes, sizes, times, link targets, bytes. */
  async function sameInsideAndOut(stack: Stack, places: readonly string[]): Promise<void> {
    const find = "for p; do [ -e $p ] || [ -L $p ] && find $p -printf '%p|%y|%m|%U|%s|%T@|%l\\n'; done; true";
    const { stdout } = await bench.run(["sh", "-c", find, "sh", ...places], { stack });
    const inside = stdout.split("\n").filter(Boolean).map(normal).sort();
    expect(await seenByView([...bench.standIn.stack, ...stack], places)).toEqual(inside);
  }
});

async function seenByView(stack: Stack, places: readonly string[]): Promise<string[]> {
  const view = viewOf(stack);
  const lines: string[] = [];
  for (const place of places) {
    const top = await view.stat(place, { follow: false });
    if (top === undefined) continue;
    const all = [{ path: "", entry: top }];
    if (top.type === "directory") for await (const item of view.walk(place)) all.push(item);
    for (const { path, entry } of all) {
      const type = { file: "f", directory: "d", symlink: "l", other: "o" }[entry.type];
      const time = (Math.floor(entry.modifiedAtMs) / 1000).toFixed(3);
      lines.push(
        normal(
          `${join(place, path)}|${type}|${entry.mode.toString(8)}|${String(entry.uid)}|${String(entry.sizeBytes)}|${time}|${entry.target ?? ""}`,
        ),
      );
    }
  }
  return lines.sort();
}

/** The size of a directory is the disk's business; of the times two digits after the point. */
function normal(line: string): string {
  const [path, type, mode, uid, size, time, target] = line.split("|");
  return [path, type, mode, uid, type === "d" ? "" : size, /^-?\d+\.\d\d/.exec(time!)?.[0], target].join("|");
}

async function tree(root: string, prefix = ""): Promise<string[]> {
  const names: string[] = [];
  for (const item of await readdir(join(root, prefix), { withFileTypes: true })) {
    const path = prefix === "" ? item.name : `${prefix}/${item.name}`;
    names.push(item.isDirectory() ? `${path}/` : path);
    if (item.isDirectory()) names.push(...(await tree(root, path)));
  }
  return names.sort();
}
