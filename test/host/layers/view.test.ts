import { mkdir, mkdtemp, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  openLayerStore,
  viewOf,
  type Layer,
  type LayerDraft,
  type LayerStore,
} from "../../../src/host/layers/layers.ts";
import { removeTree } from "../../../src/host/layers/remove.ts";

const removed = Symbol("removed");
const opaque = Symbol("opaque");

describe("the view of a stack", () => {
  let root: string;
  let store: LayerStore;
  let count = 0;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "fairway-view-"));
    store = await openLayerStore(root);
  });
  afterEach(() => removeTree(root));

  type Content = string | { readonly to: string } | typeof removed | typeof opaque;
  /** A layer of files by path; a text is a file's content. */
  const layer = (files: Readonly<Record<string, Content>>): Promise<Layer> =>
    store.ensure(`view:${String(count++)}`, async (draft) => {
      for (const [path, content] of Object.entries(files)) await put(draft, path, content);
    });

  async function put(draft: LayerDraft, path: string, content: Content): Promise<void> {
    const disk = join(draft.path, path);
    if (content === removed) return draft.remove(path);
    if (content === opaque) return draft.setOpaque(path);
    await mkdir(join(disk, ".."), { recursive: true });
    if (typeof content === "string") await writeFile(disk, content);
    else await symlink(content.to, disk);
  }

  const text = async (stack: readonly Layer[], path: string) => (await viewOf(stack).read(path)).toString();

  test("shows the topmost file, and directories merged", async () => {
    const stack = [await layer({ "d/a": "1", "d/b": "1" }), await layer({ "d/b": "2", "d/c": "2" })];
    expect(await viewOf(stack).list("/d")).toEqual(["a", "b", "c"]);
    expect([await text(stack, "/d/a"), await text(stack, "/d/b")]).toEqual(["1", "2"]);
  });

  test("does not show what is removed, and shows it again when it was made anew", async () => {
    const [one, two, three] = [
      await layer({ "d/a": "1", e: "1" }),
      await layer({ "d/a": removed, e: removed }),
      await layer({ "d/a": "3" }),
    ];
    expect(await viewOf([one, two]).list("/d")).toEqual([]);
    expect(await viewOf([one, two]).stat("/e")).toBeUndefined();
    expect(await text([one, two, three], "/d/a")).toBe("3");
    expect(await viewOf([one, two, three]).list("/")).toEqual(["d"]);
  });

  test("does not show what lies below an opaque directory, nor a directory below a file", async () => {
    const one = await layer({ "d/s/a": "1", "f/x": "1" });
    const two = await layer({ d: opaque, f: "file" });
    const three = await layer({ "d/s/b": "3", f: removed });
    const four = await layer({ "f/y": "4" });
    expect(await viewOf([one, two]).list("/d")).toEqual([]);
    expect(await viewOf([one, two, three]).list("/d/s")).toEqual(["b"]);
    expect(await viewOf([one, two, three, four]).list("/f")).toEqual(["y"]);
    expect(await viewOf([one, two]).list("/f")).toBeUndefined();
  });

  test("follows symlinks within itself: absolute ones, chains, through directories, and `..` at the root", async () => {
    const stack = [
      await layer({
        "real/file": "here",
        abs: { to: "/real/file" },
        dir: { to: "real" },
        up: { to: "../../../../real" },
        "real/back": { to: "../abs" },
      }),
      await layer({ chain: { to: "dir/back" }, loop: { to: "loop" }, dangling: { to: "/none/x" } }),
    ];
    for (const path of [
      "/abs",
      "/dir/file",
      "/up/file",
      "/chain",
      "/../../abs",
      "/dir/../dir/./file",
      "real/file",
    ]) {
      expect([path, await text(stack, path)]).toEqual([path, "here"]);
    }
    expect(await viewOf(stack).stat("/abs", { follow: false })).toMatchObject({
      type: "symlink",
      target: "/real/file",
    });
    expect(await viewOf(stack).stat("/dangling")).toBeUndefined();
    await expect(viewOf(stack).stat("/loop")).rejects.toThrow("ELOOP");
    expect(await viewOf(stack).stat("/real/file/x")).toBeUndefined();
  });

  test("takes a name for a name, also one that every object has", async () => {
    const stack = [await layer({ constructor: "1", "toString/__proto__": "2", __proto__: "not a name" })];
    expect(await viewOf(stack).list("/")).toEqual(["constructor", "toString"]);
    expect(await text(stack, "/toString/__proto__")).toBe("2");
  });

  test("never leads out to this machine's files", async () => {
    const stack = [
      await layer({ passwd: { to: "/etc/passwd" }, up: { to: "../../../../../../etc/passwd" } }),
    ];
    expect(await viewOf(stack).stat("/passwd")).toBeUndefined();
    expect(await viewOf(stack).stat("/up")).toBeUndefined();
  });

  test("walks parents first, sorted by bytes, without following symlinks", async () => {
    const stack = [
      await layer({ "b/x": "", "a-b": "", "a/y": "", "a/link": { to: "/b" }, Z: "", ž: "" }),
      await layer({ "a/z": "", "b/x": removed }),
    ];
    const paths: string[] = [];
    for await (const { path, entry } of viewOf(stack).walk("/")) paths.push(`${path} ${entry.type}`);
    expect(paths).toEqual([
      "Z file",
      "a directory",
      "a/link symlink",
      "a/y file",
      "a/z file",
      "a-b file",
      "b directory",
      "ž file",
    ]);
    const below: string[] = [];
    for await (const { path } of viewOf(stack).walk("/a")) below.push(path);
    expect(below).toEqual(["link", "y", "z"]);
  });

  test("says what stands there, and raises what is missing", async () => {
    const stack = [await layer({ file: "12345" })];
    expect(await viewOf(stack).stat("/file")).toMatchObject({
      type: "file",
      mode: 0o644,
      uid: 0,
      gid: 0,
      sizeBytes: 5,
      diskPath: join(stack[0]!.path, "file"),
    });
    expect(await viewOf(stack).stat("/")).toMatchObject({ type: "directory" });
    await expect(viewOf(stack).read("/missing")).rejects.toMatchObject({ code: "ENOENT" });
    await expect(viewOf(stack).read("/")).rejects.toMatchObject({ code: "EISDIR" });
    expect(await viewOf([]).stat("/")).toBeUndefined();
    expect(await viewOf([]).list("/")).toBeUndefined();
  });
});
