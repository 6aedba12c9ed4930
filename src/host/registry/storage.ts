import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import type { ReadStream } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isDigest } from "../../oci/oci.ts";

export interface StoredManifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly bytes: Buffer;
}

/**
 * A registry's content on disk: blobs by digest, shared by all repositories; manifests and tags by repository. Every
 * file appears whole by a rename, so a process that is killed leaves at most a draft, which is never read.
 */
export interface Storage {
  /** A directory for drafts on the same disk. */
  readonly drafts: string;
  blobSize(digest: string): Promise<number | null>;
  readBlob(digest: string, range?: { readonly start: number; readonly end: number }): ReadStream;
  /** Makes a complete and verified draft the blob of this digest. */
  adoptBlob(draft: string, digest: string): Promise<void>;
  /** Stores a manifest, and points the tag at it when there is one. Answers its digest. */
  putManifest(
    repository: string,
    bytes: Buffer,
    mediaType: string,
    options: { tag?: string; digest: string },
  ): Promise<void>;
  getManifest(repository: string, tagOrDigest: string): Promise<StoredManifest | null>;
  /** Null for a repository that is not there. */
  tags(repository: string): Promise<readonly string[] | null>;
  repositories(): Promise<readonly string[]>;
}

export async function openStorage(root: string): Promise<Storage> {
  const drafts = join(root, "drafts");
  await mkdir(drafts, { recursive: true, mode: 0o700 });
  const blobFile = (digest: string) => {
    if (!isDigest(digest)) throw new Error(`not a digest: ${digest}`);
    const [algorithm = "", hex = ""] = digest.split(":");
    return join(root, "blobs", algorithm, hex.slice(0, 2), hex);
  };
  const repositoryDirectory = (repository: string) => join(root, "repositories", repository);
  // A repository's name has no part that starts with an underscore.
  const manifestFile = (repository: string, digest: string) =>
    join(repositoryDirectory(repository), "_manifests", digest.replace(":", "-"));
  const tagFile = (repository: string, tag: string) => join(repositoryDirectory(repository), "_tags", tag);

  const write = async (file: string, content: Buffer | string) => {
    const draft = join(drafts, randomUUID());
    try {
      const handle = await open(draft, "wx", 0o600);
      try {
        await handle.writeFile(content);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await mkdir(dirname(file), { recursive: true });
      await rename(draft, file);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  };

  return {
    drafts,
    async blobSize(digest) {
      return stat(blobFile(digest)).then(({ size }) => size, missing(null));
    },
    readBlob(digest, range) {
      return createReadStream(
        blobFile(digest),
        range === undefined ? {} : { start: range.start, end: range.end },
      );
    },
    async adoptBlob(draft, digest) {
      const file = blobFile(digest);
      await mkdir(dirname(file), { recursive: true });
      await rename(draft, file);
    },
    async putManifest(repository, bytes, mediaType, { tag, digest }) {
      await write(blobFile(digest), bytes);
      await write(manifestFile(repository, digest), mediaType);
      if (tag !== undefined) await write(tagFile(repository, tag), digest);
    },
    async getManifest(repository, tagOrDigest) {
      const digest = isDigest(tagOrDigest)
        ? tagOrDigest
        : await readFile(tagFile(repository, tagOrDigest), "utf8").catch(missing(null));
      if (digest === null) return null;
      const mediaType = await readFile(manifestFile(repository, digest), "utf8").catch(missing(null));
      return mediaType === null ? null : { digest, mediaType, bytes: await readFile(blobFile(digest)) };
    },
    async tags(repository) {
      const directory = repositoryDirectory(repository);
      const known = await readdir(join(directory, "_manifests")).catch(missing(null));
      if (known === null) return null;
      return (await readdir(join(directory, "_tags")).catch(missing([]))).sort();
    },
    async repositories() {
      const found = await readdir(join(root, "repositories"), { recursive: true, withFileTypes: true }).catch(
        missing([]),
      );
      const prefix = join(root, "repositories").length + 1;
      return found
        .filter((entry) => entry.isDirectory() && entry.name === "_manifests")
        .map((entry) => entry.parentPath.slice(prefix))
        .sort();
    },
  };
}

/** Removes drafts that nobody has written to for this long: what a killed client or registry left behind. */
export async function removeOldDrafts(drafts: string, olderThanMs: number): Promise<void> {
  for (const name of await readdir(drafts)) {
    const file = join(drafts, name);
    const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
    if (Date.now() - mtimeMs > olderThanMs) await rm(file, { force: true });
  }
}

export async function digestOfFile(file: string, algorithm: string): Promise<string> {
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return `${algorithm}:${hash.digest("hex")}`;
}

function missing<T>(value: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return value;
    throw error;
  };
}
