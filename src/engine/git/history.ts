import type { Ref } from "./refs.ts";
import type { Objects } from "./repository.ts";

/** A part of a repository's history. */
export interface History {
  /** Every object in it. */
  readonly objects: readonly string[];
  /** The commits whose parents are not in it. */
  readonly shallow: readonly string[];
}

/** All that the tips reach within so many generations; 0 for all. */
export async function historyOf(
  objects: Objects,
  tips: readonly Pick<Ref, "commit" | "oid">[],
  depth: number,
): Promise<History> {
  const git = await import("isomorphic-git");
  const at = { fs: objects.fs as never, gitdir: objects.gitdir, cache: objects.cache };
  const found = new Set<string>();
  const shallow = new Set<string>();
  const ends = new Set(await shallowOf(objects));

  const visitTree = async (oid: string): Promise<void> => {
    if (found.has(oid)) return;
    found.add(oid);
    for (const entry of (await git.readTree({ ...at, oid })).tree) {
      if (entry.type === "tree") await visitTree(entry.oid);
      else if (entry.type === "blob") found.add(entry.oid);
    }
  };

  let generation: string[] = [];
  for (const { oid, commit } of tips) {
    generation.push(commit);
    // A tag may be one of a tag.
    for (
      let tag = oid;
      tag !== commit && !found.has(tag);
      tag = (await git.readTag({ ...at, oid: tag })).tag.object
    )
      found.add(tag);
  }
  const seen = new Set<string>();
  for (let depthNow = 1; generation.length > 0; depthNow++) {
    const next: string[] = [];
    for (const oid of generation) {
      if (seen.has(oid)) continue;
      seen.add(oid);
      found.add(oid);
      const read = await git.readCommit({ ...at, oid }).catch(async (error: unknown) => {
        // A tag may be one of a file.
        if (depthNow > 1 || !(error instanceof git.Errors.ObjectTypeError)) throw error;
        if (error.data.actual !== "tree") return;
        found.delete(oid);
        await visitTree(oid);
      });
      if (read === undefined) continue;
      const { commit } = read;
      await visitTree(commit.tree);
      if (commit.parent.length === 0) continue;
      if (ends.has(oid) || depthNow === depth) shallow.add(oid);
      else next.push(...commit.parent);
    }
    generation = next;
  }
  return { objects: [...found], shallow: [...shallow] };
}

/** Where the repository itself was cut off. */
async function shallowOf({ fs, gitdir }: Objects): Promise<readonly string[]> {
  const files = fs.promises as { readFile(path: string, encoding: "utf8"): Promise<string> };
  const text = await files.readFile(`${gitdir}/shallow`, "utf8").catch(() => "");
  return text.split("\n").filter((line) => line !== "");
}
