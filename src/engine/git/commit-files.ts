import { EngineError } from "../errors.ts";
import { refusal } from "../validation.ts";
import type { Objects } from "./repository.ts";

/** A file or link of a commit. */
export interface CommitFile {
  readonly path: string;
  /** `100644`, `100755` or `120000` */
  readonly mode: string;
  readonly oid: string;
  /** Its bytes, or a link's target. */
  readonly read: () => Promise<Buffer>;
}

/** The files of a commit, folder by folder. */
export async function commitFiles(objects: Objects, oid: string): Promise<readonly CommitFile[]> {
  const git = await import("isomorphic-git");
  const at = { fs: objects.fs as never, gitdir: objects.gitdir, cache: objects.cache };
  const files: CommitFile[] = [];
  const visit = async (tree: string, folder: string): Promise<void> => {
    for (const { path: name, oid: own, mode, type } of (await git.readTree({ ...at, oid: tree })).tree) {
      const path = `${folder}${name}`;
      if (type === "commit") throw new EngineError(refusal(`the submodule ${path} of a git repository`));
      if (type === "tree") {
        await visit(own, `${path}/`);
        continue;
      }
      const read = async () => Buffer.from((await git.readBlob({ ...at, oid: own })).blob);
      files.push({ path, mode, oid: own, read });
    }
  };
  await visit((await git.readCommit({ ...at, oid })).commit.tree, "");
  return files;
}
