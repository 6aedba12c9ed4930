import { viewOf } from "../../host/layers/layers.ts";
import { hashOf } from "../../model/canonical-json.ts";
import { EngineError } from "../errors.ts";
import type { Canvas } from "../files/canvas.ts";
import { layerKey, type Contents } from "../files/contents.ts";
import { LayerCanvas } from "../files/layer-canvas.ts";
import { parentOf } from "../files/paths.ts";
import { fileEntry, folderEntry, linkEntry, rootEntry, Tree } from "../files/tree.ts";
import { TreeCanvas } from "../files/tree-canvas.ts";
import type { Session } from "../session.ts";
import { refusal } from "../validation.ts";
import { commitFiles } from "./commit-files.ts";
import { putGitFolder, tagsOf } from "./git-folder.ts";
import type { IndexEntry } from "./index-file.ts";
import type { GitRefState, Objects } from "./repository.ts";

export interface TreeOptions {
  readonly discardGitDir: boolean;
  /** Generations of commits in `.git`; 0 for all. */
  readonly depth: number;
  readonly includeTags: boolean;
}

/** A commit's files as git writes them without a umask, with a `.git` of their own unless that is discarded. */
export async function checkout(
  session: Session,
  state: GitRefState,
  options: TreeOptions,
): Promise<Contents> {
  const { repository, ref } = state;
  const withGit = !options.discardGitDir && !repository.discardGitDir;
  const depth = withGit ? Math.max(0, options.depth) : 1;
  const includeTags = withGit && options.includeTags;
  const tags = includeTags ? tagsOf(await repository.refs()) : [];
  const git = [ref.name, repository.origin, depth, tags.map(({ name, oid }) => [name, oid])];
  const key = hashOf(["git", ref.commit, withGit ? git : null]);
  const fill = (canvas: Canvas) =>
    repository.withObjects({ commits: [ref.commit], depth, includeTags }, async (objects) => {
      const index = await putCommit(canvas, objects, ref.commit);
      if (withGit) await putGitFolder(session, canvas, objects, { ...state, tags, depth, index });
    });
  if (session.disk === undefined) {
    const canvas = new TreeCanvas(new Map([["", rootEntry]]));
    await fill(canvas);
    return new Tree(canvas.entries, key);
  }
  const layer = await session.store.ensure(layerKey("git", key), async (draft) => {
    const canvas = new LayerCanvas(draft, viewOf([]), session.store.root);
    await fill(canvas);
    canvas.finish();
  });
  return { kind: "snapshot", key, standIn: null, stack: [layer], edits: [] };
}

async function putCommit(canvas: Canvas, objects: Objects, oid: string): Promise<readonly IndexEntry[]> {
  const git = await import("isomorphic-git");
  const at = { fs: objects.fs as never, gitdir: objects.gitdir, cache: objects.cache };
  const read = await git.readCommit({ ...at, oid }).catch((error: unknown) => {
    if (!(error instanceof git.Errors.NotFoundError)) throw error;
    throw new EngineError("failed to checkout : git error: sha fetch unsupported by remote", {
      cause: error,
    });
  });
  const modifiedAtMs = read.commit.committer.timestamp * 1000;
  const files = await commitFiles(objects, oid);
  for (const { path, mode, read: readFile } of files) {
    const bytes = await readFile();
    if (path.endsWith(".gitattributes")) checkAttributes(path, bytes.toString());
    await makeFolders(canvas, parentOf(`/${path}`));
    const isLink = mode === "120000";
    const permissions = mode === "100755" ? 0o777 : 0o666;
    const entry = isLink ? linkEntry(bytes.toString()) : fileEntry(bytes, permissions);
    await canvas.put(`/${path}`, { ...entry, modifiedAtMs });
  }
  return files;
}

async function makeFolders(canvas: Canvas, path: string): Promise<void> {
  if (path === "/" || (await canvas.lstat(path)) !== undefined) return;
  await makeFolders(canvas, parentOf(path));
  await canvas.folder(path, folderEntry(0o777));
}

/** Attributes by which git writes other bytes than it keeps. */
function checkAttributes(path: string, text: string): void {
  const lines = text.replace(/^\s*#.*$/gm, "");
  const found = /(?:^|\s)(eol=crlf|working-tree-encoding=\S+|ident|filter=lfs)(?:\s|$)/m.exec(lines);
  if (found !== null) throw new EngineError(refusal(`${found[1] ?? ""} of ${path} in a git repository`));
}
