import { createHash } from "node:crypto";
import {
  chmod,
  link,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readlink,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { gunzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { extract, pack } from "tar-stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { layerBlob, packLayer, unpackLayer } from "../../../src/host/layers/archive.ts";
import { openLayerStore, viewOf } from "../../../src/host/layers/layers.ts";
import type { LayerDraft, LayerStore } from "../../../src/host/layers/layers.ts";

let root: string;
let store: LayerStore;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "archive-test-"));
  store = await openLayerStore(join(root, "store"));
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

async function everything(draft: LayerDraft): Promise<void> {
  await mkdir(join(draft.path, "app/bin"), { recursive: true });
  await writeFile(join(draft.path, "app/main.js"), "console.log('hi')\n");
  await writeFile(join(draft.path, "app/empty"), "");
  await writeFile(join(draft.path, "app/bin/tool"), "#!/bin/sh\n");
  await chmod(join(draft.path, "app/bin/tool"), 0o4755);
  await link(join(draft.path, "app/main.js"), join(draft.path, "app/same.js"));
  await symlink("../etc/hosts", join(draft.path, "app/hosts"));
  await mkdir(join(draft.path, "app", "d".repeat(90), "e".repeat(90)), { recursive: true });
  await writeFile(join(draft.path, "app", "d".repeat(90), "e".repeat(90), "f".repeat(120)), "long");
  await writeFile(join(draft.path, "app/Straße €"), "unicode");
  draft.setOwner("app/main.js", 1000, 1001);
  draft.setOwner("app/bin", 3_000_000, 0);
  await draft.remove("gone");
  await draft.remove("app/old");
  await draft.setOpaque("app/fresh");
}

async function entriesOf(path: string) {
  const archive = extract();
  const found: {
    name: string;
    type: string;
    mode: number;
    uid: number;
    content: string;
    linkname: string;
    mtime: Date;
  }[] = [];
  Readable.from([gunzipSync(await readFile(path))]).pipe(archive);
  for await (const entry of archive) {
    const { name, type, mode, uid, linkname, mtime } = entry.header;
    found.push({ name, type, mode, uid, linkname, mtime, content: (await buffer(entry)).toString() });
  }
  return found;
}

describe("packLayer", () => {
  test("writes changes, links, modes, owners and whiteouts, sorted and without times", async () => {
    const packed = await packLayer(await store.ensure("one", everything));
    const entries = await entriesOf(packed.path);
    const byName = new Map(entries.map((entry) => [entry.name, entry]));
    expect(byName.get("app/main.js")).toMatchObject({
      type: "file",
      uid: 1000,
      content: "console.log('hi')\n",
    });
    expect(byName.get("app/same.js")).toMatchObject({ type: "link", linkname: "app/main.js" });
    expect(byName.get("app/hosts")).toMatchObject({ type: "symlink", linkname: "../etc/hosts" });
    expect(byName.get("app/bin/tool")?.mode).toBe(0o4755);
    expect(byName.get("app/empty")).toMatchObject({ type: "file", content: "" });
    expect(byName.get("app/Straße €")?.content).toBe("unicode");
    expect(byName.get(`app/${"d".repeat(90)}/${"e".repeat(90)}/${"f".repeat(120)}`)?.content).toBe("long");
    expect([...byName.keys()]).toEqual(
      expect.arrayContaining([".wh.gone", "app/.wh.old", "app/fresh/.wh..wh..opq"]),
    );
    expect(entries.every(({ mtime }) => mtime.getTime() === 0)).toBe(true);
    expect(entries.filter(({ name }) => name.startsWith("app/")).map(({ name }) => name)[0]).toBe("app/");
  });

  test("tells the digests of what it wrote, and answers from the store the second time", async () => {
    const layer = await store.ensure("one", everything);
    const packed = await packLayer(layer);
    const bytes = await readFile(packed.path);
    expect(packed.digest).toBe(`sha256:${createHash("sha256").update(bytes).digest("hex")}`);
    expect(packed.diffId).toBe(`sha256:${createHash("sha256").update(gunzipSync(bytes)).digest("hex")}`);
    expect(packed.sizeBytes).toBe(bytes.length);
    const { mtimeMs } = await lstat(packed.path);
    expect(await packLayer(layer)).toEqual(packed);
    expect((await lstat(packed.path)).mtimeMs).toBe(mtimeMs);
    const blob = layerBlob(packed);
    expect(await buffer(Readable.from(blob.open(2, 10)))).toEqual(bytes.subarray(2, 10));
  });

  test("the same changes made at another time are the same bytes", async () => {
    const first = await packLayer(await store.ensure("one", everything));
    const second = await packLayer(await store.ensure("two", everything));
    expect(second.digest).toBe(first.digest);
    expect(second.path).not.toBe(first.path);
  });

  test("two at once write one whole archive", async () => {
    const layer = await store.ensure("one", everything);
    const packed = await Promise.all([1, 2, 3, 4].map(() => packLayer(layer)));
    expect(new Set(packed.map(({ digest }) => digest)).size).toBe(1);
    await expect(entriesOf(packed[0]!.path)).resolves.not.toHaveLength(0);
  });

  test("a prefix moves everything below a directory, hard links too", async () => {
    const packed = await packLayer(await store.ensure("one", everything), { prefix: "/srv/" });
    const entries = await entriesOf(packed.path);
    expect(entries.every(({ name }) => name.startsWith("srv/"))).toBe(true);
    expect(entries.find(({ name }) => name === "srv/app/same.js")?.linkname).toBe("srv/app/main.js");
    expect(entries.map(({ name }) => name)).toContain("srv/.wh.gone");
  });

  test("a file larger than its buffers comes through whole", async () => {
    const content = Buffer.alloc(3_000_000, "0123456789abcdef");
    const layer = await store.ensure("large", (draft) => writeFile(join(draft.path, "large"), content));
    const again = await store.ensure("copy", async (draft) =>
      unpackLayer((await packLayer(layer)).path, draft),
    );
    expect((await viewOf([again]).read("/large")).equals(content)).toBe(true);
  });

  test("an empty layer is a valid archive", async () => {
    const packed = await packLayer(await store.ensure("empty", () => Promise.resolve()));
    expect(await entriesOf(packed.path)).toEqual([]);
  });

  test("a file may be named like what every object has", async () => {
    const layer = await store.ensure("names", (draft) => writeFile(join(draft.path, "constructor"), "x"));
    expect((await entriesOf((await packLayer(layer)).path)).map(({ name }) => name)).toEqual(["constructor"]);
  });

  test("a file that would be read as a whiteout is refused", async () => {
    const layer = await store.ensure("odd", (draft) => writeFile(join(draft.path, ".wh.odd"), ""));
    await expect(packLayer(layer)).rejects.toThrow(".wh.odd: an image layer cannot hold a file");
  });
});

describe("unpackLayer", () => {
  test("gives back files, links, modes, owners and whiteouts", async () => {
    const packed = await packLayer(await store.ensure("one", everything));
    const layer = await store.ensure("two", (draft) =>
      unpackLayer(packed.path, draft, { diffId: packed.diffId }),
    );
    const lower = await store.ensure("lower", async (draft) => {
      await mkdir(join(draft.path, "app/fresh"), { recursive: true });
      await writeFile(join(draft.path, "gone"), "");
      await writeFile(join(draft.path, "app/old"), "");
      await writeFile(join(draft.path, "app/fresh/hidden"), "");
      await writeFile(join(draft.path, "app/kept"), "");
    });
    const view = viewOf([lower, layer]);
    expect(await view.stat("/app/main.js")).toMatchObject({
      uid: 1000,
      gid: 1001,
      mode: 0o644,
      type: "file",
    });
    expect(await view.stat("/app/bin")).toMatchObject({ uid: 3_000_000, type: "directory" });
    expect((await view.stat("/app/bin/tool"))?.mode).toBe(0o4755);
    expect(await readlink(join(layer.path, "app/hosts"))).toBe("../etc/hosts");
    expect((await lstat(join(layer.path, "app/main.js"))).ino).toBe(
      (await lstat(join(layer.path, "app/same.js"))).ino,
    );
    expect(await view.stat("/gone")).toBeUndefined();
    expect(await view.stat("/app/old")).toBeUndefined();
    expect(await view.stat("/app/kept")).toBeDefined();
    expect(await view.list("/app/fresh")).toEqual([]);
  });

  test("reads plain and zstd archives, from a stream in any pieces", async () => {
    const packed = await packLayer(await store.ensure("one", everything));
    const tar = gunzipSync(await readFile(packed.path));
    const pieces = async function* (bytes: Buffer, size: number) {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    };
    const plain = await store.ensure("plain", (draft) => unpackLayer(pieces(tar, 1000), draft));
    const zstd = await store.ensure("zstd", (draft) => unpackLayer(pieces(zstdCompressSync(tar), 1), draft));
    expect((await packLayer(plain)).digest).toBe(packed.digest);
    expect((await packLayer(zstd)).digest).toBe(packed.digest);
  });

  test.each([
    [
      "a name that climbs",
      { name: "../escape", type: "file" as const },
      /"\.\.\/escape" leads out of the layer/,
    ],
    ["a name that climbs inside", { name: "a/../../b", type: "file" as const }, /leads out of the layer/],
    [
      "a hard link that climbs",
      { name: "passwd", type: "link" as const, linkname: "../../etc/passwd" },
      /leads out/,
    ],
    [
      "a hard link to what is not in the layer",
      { name: "passwd", type: "link" as const, linkname: "/etc/passwd" },
      /no file of the layer/,
    ],
    [
      "a device",
      { name: "disk", type: "block-device" as const },
      /a block-device at \/disk, which is refused/,
    ],
    ["a pipe", { name: "pipe", type: "fifo" as const }, /a fifo at \/pipe/],
  ])("refuses %s", async (_, header, message) => {
    const archive = pack();
    archive.entry(header, Buffer.alloc(0));
    archive.finalize();
    const made = store.ensure("bad", (draft) => unpackLayer(archive as unknown as Readable, draft));
    await expect(made).rejects.toMatchObject({
      code: "IMAGE_LAYER",
      message: expect.stringMatching(message) as string,
    });
    expect(await store.get("bad")).toBeUndefined();
  });

  test("refuses to write through a symlink of the layer", async () => {
    const outside = join(root, "outside");
    await mkdir(outside);
    const archive = pack();
    archive.entry({ name: "door", type: "symlink", linkname: outside });
    archive.entry({ name: "door/thief", type: "file" }, "x");
    archive.finalize();
    const made = store.ensure("bad", (draft) => unpackLayer(archive as unknown as Readable, draft));
    await expect(made).rejects.toThrow(/leads through \/door/);
    await expect(lstat(join(outside, "thief"))).rejects.toThrow("ENOENT");
  });

  test("refuses an archive of another digest, and a truncated one", async () => {
    const packed = await packLayer(await store.ensure("one", everything));
    const other = `sha256:${"0".repeat(64)}`;
    await expect(
      store.ensure("bad", (draft) => unpackLayer(packed.path, draft, { diffId: other })),
    ).rejects.toThrow(other);
    const half = (await readFile(packed.path)).subarray(0, packed.sizeBytes / 2);
    await expect(
      store.ensure("bad", (draft) => unpackLayer(Readable.from([half]), draft)),
    ).rejects.toMatchObject({ code: "IMAGE_LAYER" });
  });

  test("leaves out devices below /dev, and reads directories that come after their files", async () => {
    const archive = pack();
    archive.entry({ name: "./dev/null", type: "character-device", devmajor: 1, devminor: 3 });
    archive.entry({ name: "/etc/motd", type: "file", mode: 0o600 }, "hello");
    archive.entry({ name: "etc/", type: "directory", mode: 0o711 });
    archive.finalize();
    const layer = await store.ensure("base", (draft) => unpackLayer(archive as unknown as Readable, draft));
    const view = viewOf([layer]);
    expect(await view.stat("/dev/null")).toBeUndefined();
    expect((await view.read("/etc/motd")).toString()).toBe("hello");
    expect((await view.stat("/etc"))?.mode).toBe(0o711);
  });
});

describe("packing what was unpacked", () => {
  const names = fc
    .stringMatching(/^[a-zA-Z0-9äö _.-]{1,12}$/)
    .filter((name) => !/^\.\.?$|^\.wh\./.test(name));
  const tree = fc.letrec<{ node: Tree }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 3 },
      fc.record({
        kind: fc.constant("file" as const),
        content: fc.string(),
        mode: fc.constantFrom(0o644, 0o755, 0o4750),
      }),
      fc.record({ kind: fc.constant("symlink" as const), target: fc.constantFrom("a", "/etc/x", "../../b") }),
      fc.record({ kind: fc.constant("whiteout" as const) }),
      fc.record({
        kind: fc.constant("directory" as const),
        opaque: fc.boolean(),
        children: fc.dictionary(names, tie("node"), { maxKeys: 4 }),
      }),
    ),
  })).node;

  test("is the same bytes, for any tree", async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.dictionary(names, tree, { maxKeys: 5 }), async (children) => {
        const id = String(++run);
        const made = await store.ensure(`made-${id}`, (draft) => plant(draft, "", children));
        const packed = await packLayer(made);
        const copy = await store.ensure(`copy-${id}`, (draft) =>
          unpackLayer(packed.path, draft, { diffId: packed.diffId }),
        );
        expect((await packLayer(copy)).digest).toBe(packed.digest);
      }),
      { numRuns: 60 },
    );
  });
});

type Tree =
  | { kind: "file"; content: string; mode: number }
  | { kind: "symlink"; target: string }
  | { kind: "whiteout" }
  | { kind: "directory"; opaque: boolean; children: Record<string, Tree> };

async function plant(draft: LayerDraft, directory: string, children: Record<string, Tree>): Promise<void> {
  for (const [name, node] of Object.entries(children)) {
    const path = directory === "" ? name : `${directory}/${name}`;
    const disk = join(draft.path, path);
    if (node.kind === "file") {
      await writeFile(disk, node.content);
      await chmod(disk, node.mode);
    } else if (node.kind === "symlink") await symlink(node.target, disk);
    else if (node.kind === "whiteout") await draft.remove(path);
    else {
      await mkdir(disk);
      await plant(draft, path, node.children);
      if (node.opaque) await draft.setOpaque(path);
    }
  }
}
