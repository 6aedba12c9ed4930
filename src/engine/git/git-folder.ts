import * as nodeFiles from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeParents, type Canvas } from "../files/canvas.ts";
import { fileEntry, folderEntry } from "../files/tree.ts";
import type { Session } from "../session.ts";
import { historyOf } from "./history.ts";
import { indexFile, type IndexEntry } from "./index-file.ts";
import type { Ref, Refs } from "./refs.ts";
import type { GitRefState, Objects } from "./repository.ts";

export interface Checkout extends GitRefState {
  /** Those that are there too. */
  readonly tags: readonly Ref[];
  readonly depth: number;
  readonly index: readonly IndexEntry[];
}

const folders = ["", "/objects", "/objects/info", "/objects/pack", "/refs", "/refs/heads", "/refs/tags"];

export function tagsOf(refs: Refs): readonly Ref[] {
  return refs.all.filter(({ name }) => name.startsWith("refs/tags/"));
}

/** A `.git` that knows the commit, as much of its history as was asked for, and nothing else of the repository. */
export async function putGitFolder(
  session: Session,
  canvas: Canvas,
  objects: Objects,
  checkout: Checkout,
): Promise<void> {
  const { ref, tags, depth, index } = checkout;
  const isBranch = ref.name.startsWith("refs/heads/");
  const own = { ...ref, oid: ref.commit };
  const history = await historyOf(objects, [own, ...tags], depth);
  const pack = await packed(session, objects, history.objects);
  const names = [...(ref.name.startsWith("refs/") ? [own] : []), ...tags];
  const files = new Map<string, Buffer>([
    ["HEAD", Buffer.from(isBranch ? `ref: ${ref.name}\n` : `${ref.commit}\n`)],
    ["config", Buffer.from(config(checkout.repository.origin))],
    ["index", indexFile(index)],
    ...names.map(({ name, oid }) => [name, Buffer.from(`${oid}\n`)] as const),
    ...pack.map(([name, bytes]) => [`objects/pack/${name}`, bytes] as const),
  ]);
  if (history.shallow.length > 0)
    files.set("shallow", Buffer.from(`${history.shallow.toSorted().join("\n")}\n`));
  for (const folder of folders) await canvas.folder(`/.git${folder}`, folderEntry(0o777));
  for (const [name, bytes] of files) {
    await makeParents(canvas, `/.git/${name}`);
    await canvas.put(`/.git/${name}`, fileEntry(bytes, name.startsWith("objects/") ? 0o444 : 0o666));
  }
}

/** A pack of these objects, and its index. */
async function packed(
  session: Session,
  { fs, gitdir, cache }: Objects,
  oids: readonly string[],
): Promise<readonly (readonly [string, Buffer])[]> {
  const git = await import("isomorphic-git");
  const { filename, packfile } = await git.packObjects({
    fs: fs as never,
    gitdir,
    cache,
    oids: [...oids].sort(),
  });
  // isomorphic-git makes an index beside a pack on disk only.
  await using scratch = await session.store.scratch();
  const folder = join(scratch.path, "objects/pack");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, filename), packfile ?? Buffer.alloc(0));
  const dir = scratch.path;
  await git.indexPack({ fs: nodeFiles, dir, gitdir: dir, filepath: `objects/pack/${filename}` });
  const names = await readdir(folder);
  return await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const));
}

function config(url: string | null): string {
  const core =
    "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n\tlogallrefupdates = true\n";
  if (url === null) return core;
  return `${core}[remote "origin"]\n\turl = ${JSON.stringify(url)}\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n`;
}
