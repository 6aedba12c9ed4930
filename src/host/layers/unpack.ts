import { createHash } from "node:crypto";
import {
  chmodSync,
  createReadStream,
  createWriteStream,
  lchownSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { extract } from "tar-stream";
import type { Extract, Header } from "tar-stream";
import { failure } from "../../model/errors.ts";
import { opaqueName, whiteoutPrefix } from "./changes.ts";
import type { LayerDraft } from "./layers.ts";

/**
 * Fills a draft with an image layer: a tar, plain or compressed by gzip or zstd. Whiteouts become those of overlayfs,
 * owners that this user may not give are recorded. Nothing is written outside of the draft: a name with `..`, a path
 * that leads through a symlink, a hard link to elsewhere and a device are refused. Symlinks are kept as they are and
 * never followed. Devices below /dev are left out: each sandbox has its own.
 * @throws FairwayError `IMAGE_LAYER` naming the entry, or when the tar has another digest than `diffId`
 */
export async function unpackLayer(
  archive: AsyncIterable<Uint8Array> | string,
  draft: LayerDraft,
  options: { readonly diffId?: string } = {},
): Promise<void> {
  const source = Readable.from(typeof archive === "string" ? createReadStream(archive) : archive, {
    objectMode: false,
  });
  const tar = await decompressed(source);
  const hash = createHash("sha256");
  const entries = extract();
  const unpacking: Unpacking = { draft, whiteouts: [], opaque: [], directories: [] };
  await Promise.all([
    pipeline(tar, hashTo(hash), entries),
    (async () => {
      for await (const entry of entries) await unpackEntry(unpacking, entry);
    })(),
  ]).catch((error: unknown) => {
    throw (error as Error).name === "FairwayError" ? error : damaged(error);
  });
  const diffId = `sha256:${hash.digest("hex")}`;
  if (options.diffId !== undefined && diffId !== options.diffId)
    throw refusal(`the layer's tar has the digest ${diffId}, and its image says ${options.diffId}`);
  await finish(unpacking);
}

type Entry = Extract extends AsyncIterable<infer Item> ? Item : never;

interface Unpacking {
  readonly draft: LayerDraft;
  readonly whiteouts: string[];
  readonly opaque: string[];
  /** Their modes and times are set last: a directory may be one that nobody can write to. */
  readonly directories: { readonly path: string; readonly header: Header }[];
}

async function unpackEntry(unpacking: Unpacking, entry: Entry): Promise<void> {
  const { header } = entry;
  const path = safePath(header.name, header.name);
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (path === "") return drain(entry);
  const disk = join(unpacking.draft.path, path);
  makeParents(unpacking, path);

  if (name.startsWith(whiteoutPrefix)) noteWhiteout(unpacking, path, name);
  else if (header.type === "directory") makeDirectory(unpacking, path, header);
  else if (header.type === "file" || header.type === "contiguous-file") {
    removeBefore(disk);
    await writeContent(entry, disk);
    setOwnerModeAndTime(unpacking, path, header);
    return;
  } else if (header.type === "symlink") {
    removeBefore(disk);
    symlinkSync(header.linkname, disk);
    setOwnerModeAndTime(unpacking, path, header);
  } else if (header.type === "link") makeHardLink(unpacking, path, header);
  else if (!path.startsWith("dev/"))
    throw refusal(`the layer has a ${header.type} at /${path}, which is refused`);
  await drain(entry);
}

/** The path without `./`, and without a leading slash, as all tools read it. */
function safePath(path: string, entry: string): string {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..") || path.includes("\0"))
    throw refusal(`the layer's entry "${entry}" leads out of the layer`);
  return parts.join("/");
}

/** Parents that the archive does not name are made; one that is no directory would lead elsewhere. */
function makeParents(unpacking: Unpacking, path: string): void {
  const parts = path.split("/").slice(0, -1);
  for (let depth = 1; depth <= parts.length; depth++) {
    const parent = parts.slice(0, depth).join("/");
    const stats = lstatSync(join(unpacking.draft.path, parent), { throwIfNoEntry: false });
    if (stats === undefined) mkdirSync(join(unpacking.draft.path, parent), { mode: 0o755 });
    else if (!stats.isDirectory())
      throw refusal(`the layer's entry "${path}" leads through /${parent}, which is no directory`);
  }
}

function makeDirectory(unpacking: Unpacking, path: string, header: Header): void {
  const disk = join(unpacking.draft.path, path);
  if (lstatSync(disk, { throwIfNoEntry: false })?.isDirectory() !== true) {
    removeBefore(disk);
    mkdirSync(disk, { mode: 0o755 });
  }
  unpacking.directories.push({ path, header });
}

function makeHardLink(unpacking: Unpacking, path: string, header: Header): void {
  const target = safePath(header.linkname, header.name);
  makeParents(unpacking, target);
  const from = join(unpacking.draft.path, target);
  if (lstatSync(from, { throwIfNoEntry: false })?.isDirectory() !== false)
    throw refusal(`the layer's hard link /${path} points to /${target}, which is no file of the layer`);
  if (target === path) return;
  const disk = join(unpacking.draft.path, path);
  removeBefore(disk);
  linkSync(from, disk);
  noteOwner(unpacking, path, header);
}

/** The same path twice in one archive: the last one holds. */
function removeBefore(disk: string): void {
  rmSync(disk, { recursive: true, force: true });
}

const smallFileBytes = 1 << 20;

async function writeContent(entry: Entry, disk: string): Promise<void> {
  if (entry.header.size > smallFileBytes) {
    await pipeline(entry, createWriteStream(disk, { flags: "wx", mode: 0o600 }));
    return;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of entry as AsyncIterable<Buffer>) chunks.push(chunk);
  writeFileSync(disk, Buffer.concat(chunks), { flag: "wx", mode: 0o600 });
}

function setOwnerModeAndTime(unpacking: Unpacking, path: string, header: Header): void {
  const disk = join(unpacking.draft.path, path);
  noteOwner(unpacking, path, header);
  // After the owner: giving a file away clears its setuid bits.
  if (header.type !== "symlink") chmodSync(disk, header.mode & 0o7777);
  lutimesSync(disk, header.mtime, header.mtime);
}

function noteOwner({ draft }: Unpacking, path: string, header: Header): void {
  const { uid, gid } = ownerOf(header);
  if (process.geteuid?.() === 0) {
    try {
      lchownSync(join(draft.path, path), uid, gid);
      return;
    } catch (error) {
      // Root of a user namespace may give files only to the ids that are mapped into it.
      if (!["EPERM", "EINVAL"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    }
  }
  if (uid !== 0 || gid !== 0) draft.setOwner(path, uid, gid);
}

function ownerOf(header: Header): { uid: number; gid: number } {
  const pax = (header as { pax?: Record<string, string> | null }).pax ?? {};
  return { uid: Number(pax["uid"] ?? header.uid), gid: Number(pax["gid"] ?? header.gid) };
}

function noteWhiteout(unpacking: Unpacking, path: string, name: string): void {
  const directory = path.slice(0, Math.max(0, path.length - name.length - 1));
  if (name === opaqueName) unpacking.opaque.push(directory);
  // `.wh..wh.` is aufs' own bookkeeping, which old images hold.
  else if (!name.startsWith(`${whiteoutPrefix}${whiteoutPrefix}`))
    unpacking.whiteouts.push(directory === "" ? name.slice(4) : `${directory}/${name.slice(4)}`);
}

async function finish(unpacking: Unpacking): Promise<void> {
  const { draft, opaque } = unpacking;
  for (const path of unpacking.whiteouts) {
    const here = lstatSync(join(draft.path, path), { throwIfNoEntry: false });
    // Whiteouts hide lower layers only: a directory that the layer has too begins empty.
    if (here === undefined) await draft.remove(path);
    else if (here.isDirectory()) opaque.push(path);
  }
  // Inner directories first: what an outer one hides needs no whiteouts of its own.
  for (const path of opaque.sort((a, b) => b.length - a.length)) await draft.setOpaque(path);
  for (const { path, header } of unpacking.directories.toReversed())
    setOwnerModeAndTime(unpacking, path, header);
}

async function decompressed(source: Readable): Promise<AsyncIterable<Uint8Array>> {
  const iterator = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let start = Buffer.alloc(0);
  let ended = false;
  while (start.length < 4 && !ended) {
    const next = await iterator.next();
    if (next.done === true) ended = true;
    else start = Buffer.concat([start, next.value]);
  }
  const whole = async function* () {
    yield start;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
  };
  const bytes = Readable.from(whole(), { objectMode: false });
  const decoder = decoderOf(start);
  if (decoder === undefined) return bytes;
  // Errors of the source reach the reader of the decoder.
  bytes.on("error", (error) => decoder.destroy(error));
  return bytes.pipe(decoder);
}

function decoderOf(start: Buffer): Transform | undefined {
  if (start[0] === 0x1f && start[1] === 0x8b) return createGunzip();
  return start.length >= 4 && start.readUInt32LE(0) === 0xfd2fb528 ? createZstdDecompress() : undefined;
}

function hashTo(hash: ReturnType<typeof createHash>): Transform {
  return new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
}

async function drain(entry: Entry): Promise<void> {
  for await (const chunk of entry) void chunk;
}

function damaged(cause: unknown): Error {
  return failure(`the layer's archive is damaged: ${(cause as Error).message}`, {
    code: "IMAGE_LAYER",
    remedy: "pull or build the image again",
    cause,
  });
}

function refusal(message: string): Error {
  return failure(message, {
    code: "IMAGE_LAYER",
    remedy: "see who made this image; a builder does not write such a layer",
  });
}
