import type { View } from "../../host/layers/layers.ts";
import { EngineError } from "../errors.ts";
import { absolute, byBytes } from "../files/paths.ts";
import type { Session } from "../session.ts";
import type { Folder } from "../states.ts";
import { refusal } from "../validation.ts";
import type { Ref, Refs } from "./refs.ts";
import type { Objects, Repository } from "./repository.ts";
import { viewFiles } from "./view-files.ts";

/** The repository of a folder: its `.git`, or itself where it is a bare one. */
export async function localRepository(session: Session, folder: Folder): Promise<Repository> {
  const view = await session.files.view(folder.contents);
  const gitdir = await gitFolder(view, folder.path);
  const objects: Objects = { fs: viewFiles(view), gitdir, cache: {} };
  await check(view, objects);
  let refs: Promise<Refs> | undefined;
  return {
    ...{ key: ["local", folder.contents.key, folder.path], url: null, discardGitDir: false },
    origin: null,
    folder: gitdir === folder.path ? null : folder,
    refs: () => (refs ??= readRefs(objects)),
    withObjects: (_wanted, use) => use(objects),
  };
}

async function gitFolder(view: View, path: string): Promise<string> {
  const inside = absolute(".git", path);
  const found = await view.stat(inside);
  if (found?.type === "directory") return inside;
  if (found !== undefined)
    throw new EngineError(
      `git error: not a git repository: ${inside} is a file, as in a worktree or a submodule: take the repository's own folder`,
    );
  const isBare = await Promise.all(
    ["HEAD", "objects", "refs"].map((name) => view.stat(absolute(name, path))),
  );
  if (isBare.every((entry) => entry !== undefined)) return path;
  throw new EngineError("git error: not a git repository");
}

/** Formats that isomorphic-git would misread. */
async function check(view: View, { fs, gitdir }: Objects): Promise<void> {
  const git = await import("isomorphic-git");
  for (const name of ["extensions.objectformat", "extensions.refstorage"]) {
    const value = (await git.getConfig({ fs: fs as never, gitdir, path: name })) as unknown;
    if (typeof value === "string" && value !== "sha1" && value !== "files")
      throw new EngineError(refusal(`Directory.asGit of a repository with ${name} = ${value}`));
  }
  if ((await view.stat(absolute("objects/info/alternates", gitdir))) !== undefined)
    throw new EngineError(
      `${refusal("Directory.asGit of a repository that borrows objects of another (objects/info/alternates)")}; \`git repack -ad\` and removing that file make it whole`,
    );
}

async function readRefs({ fs, gitdir, cache }: Objects): Promise<Refs> {
  const git = await import("isomorphic-git");
  const at = { fs: fs as never, gitdir };
  const found = async (name: string): Promise<Ref> => {
    const oid = await git.resolveRef({ ...at, ref: name });
    // A tag may be one of a file: that is named by its own hash.
    const commit = await git.readCommit({ ...at, oid, cache }).then(
      (read) => read.oid,
      () => oid,
    );
    return { name, commit, oid };
  };
  const [branches, tags] = await Promise.all([git.listBranches(at), git.listTags(at)]);
  const names = [...branches.map((name) => `refs/heads/${name}`), ...tags.map((name) => `refs/tags/${name}`)];
  const all: Ref[] = [];
  for (const name of names.sort(byBytes)) all.push(await found(name));
  const head = await git.resolveRef({ ...at, ref: "HEAD", depth: 2 }).catch(() => "");
  const branch = all.find(({ name }) => name === head);
  if (branch !== undefined) return { all, head: branch };
  const isDetached = /^[0-9a-f]{40}$/.test(head);
  return { all, head: isDetached ? { name: "HEAD", commit: head, oid: head } : null };
}
