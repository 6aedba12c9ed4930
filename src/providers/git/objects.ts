import { Buffer } from "node:buffer";
import type Git from "isomorphic-git";
import type { memoryFileSystem } from "./memory-file-system.ts";

/** Where the objects of one repository are kept. */
export interface ObjectStore {
  readonly git: typeof Git;
  readonly place: {
    readonly fs: ReturnType<typeof memoryFileSystem>;
    readonly gitdir: string;
    readonly cache: object;
  };
}

/** Commits that were fetched, and new ones on top of them. Paths are relative to the repository's root. */
export interface GitObjects {
  /** Bytes of a file in a commit; null where there is none. */
  file(commit: string, path: string): Promise<Buffer | null>;
  commit(oid: string): Promise<GitCommit>;
  /** Writes a commit with these files changed or added; answers its id. Nothing leaves this process. */
  write(request: CommitRequest): Promise<string>;
}

export interface GitCommit {
  readonly oid: string;
  /** Those that were fetched too; a shallow history ends somewhere. */
  readonly parents: readonly string[];
  readonly message: string;
  /** `Grace <grace@example.com>` */
  readonly author: string;
  readonly at: Date;
}

export interface CommitRequest {
  readonly parent: string;
  readonly files: Readonly<Record<string, string>>;
  readonly message: string;
  readonly author: { readonly name: string; readonly email: string };
  readonly at: Date;
}

export function gitObjects({ git, place }: ObjectStore): GitObjects {
  const file = async (commit: string, path: string) => {
    try {
      const { blob } = await git.readBlob({ ...place, oid: commit, filepath: path });
      return Buffer.from(blob);
    } catch (error) {
      if (isNamed(error, "NotFoundError") || isNamed(error, "ObjectTypeError")) return null;
      throw error;
    }
  };
  const has = async (oid: string) =>
    git.readCommit({ ...place, oid }).then(
      () => true,
      () => false,
    );
  return {
    file,
    commit: async (oid) => {
      const { commit } = await git.readCommit({ ...place, oid });
      const known = await Promise.all(commit.parent.map(has));
      const { name, email, timestamp } = commit.author;
      return {
        oid,
        parents: commit.parent.filter((_, index) => known[index]),
        message: commit.message,
        author: `${name} <${email}>`,
        at: new Date(timestamp * 1000),
      };
    },
    write: async ({ parent, files, message, author, at }) => {
      const { commit } = await git.readCommit({ ...place, oid: parent });
      let tree = commit.tree;
      for (const [path, content] of Object.entries(files)) {
        const blob = await git.writeBlob({ ...place, blob: Buffer.from(content) });
        tree = await withFile({ git, place }, tree, path.split("/"), blob);
      }
      const signature = { ...author, timestamp: Math.floor(at.getTime() / 1000), timezoneOffset: 0 };
      return git.writeCommit({
        ...place,
        commit: { message, tree, parent: [parent], author: signature, committer: signature },
      });
    },
  };
}

/** The tree with one file in another version, or added; all else in it as it was. */
async function withFile(
  { git, place }: ObjectStore,
  tree: string | null,
  [name = "", ...rest]: readonly string[],
  blob: string,
): Promise<string> {
  const entries = tree === null ? [] : (await git.readTree({ ...place, oid: tree })).tree;
  const before = entries.find(({ path }) => path === name);
  const others = entries.filter((entry) => entry !== before);
  if (rest.length === 0) {
    const mode = before?.type === "blob" ? before.mode : "100644";
    return git.writeTree({ ...place, tree: [...others, { mode, path: name, oid: blob, type: "blob" }] });
  }
  const inner = await withFile({ git, place }, before?.type === "tree" ? before.oid : null, rest, blob);
  return git.writeTree({
    ...place,
    tree: [...others, { mode: "040000", path: name, oid: inner, type: "tree" }],
  });
}

/** The errors of isomorphic-git have a code; their class is not the same in source and build. */
export function isNamed(error: unknown, code: string): boolean {
  return error instanceof Error && (error as { code?: unknown }).code === code;
}
