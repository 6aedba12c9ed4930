import { createHash, randomBytes } from "node:crypto";
import { createReadStream, createWriteStream, readFileSync } from "node:fs";
import { readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { PassThrough, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip, createZstdCompress } from "node:zlib";
import { pack } from "tar-stream";
import type { Header, Pack } from "tar-stream";
import { changesOf } from "./changes.ts";
import type { Change } from "./changes.ts";
import type { Layer } from "./layers.ts";

export interface PackedLayer {
  /** Of the file, beside the layer in the store. */
  readonly path: string;
  /** `sha256:<64 hex>` of the file. */
  readonly digest: string;
  /** `sha256:<64 hex>` of the tar in it; the same where it is not compressed. */
  readonly diffId: string;
  readonly sizeBytes: number;
}

/**
 * The layer's changes as a tar, compressed by gzip unless another is asked for, with OCI whiteouts
 * (https://github.com/opencontainers/image-spec/blob/main/layer.md), made once and kept beside the layer. The same
 * changes give the same bytes: sorted, all times are 1970, owners as recorded. `prefix` moves everything below a
 * directory: `app/dist`.
 */
export async function packLayer(
  layer: Layer,
  options: { readonly prefix?: string; readonly compression?: Compression } = {},
): Promise<PackedLayer> {
  const prefix = (options.prefix ?? "").split("/").filter(Boolean).join("/");
  const mark = prefix === "" ? "" : `.${createHash("sha256").update(prefix).digest("hex").slice(0, 16)}`;
  const { compression = "gzip" } = options;
  const path = `${layer.path}${mark}.tar${endings[compression]}`;
  const kept = await readKept(path);
  if (kept !== undefined) return kept;

  const draft = `${path}.${String(process.pid)}.${randomBytes(4).toString("hex")}`;
  try {
    const sums = await writeArchive(layer, prefix, draft, compression);
    await writeFile(`${draft}.json`, JSON.stringify(sums));
    await rename(draft, path);
    await rename(`${draft}.json`, `${path}.json`);
    return { path, ...sums };
  } catch (error) {
    await rm(draft, { force: true });
    await rm(`${draft}.json`, { force: true });
    throw error;
  }
}

export type Compression = "gzip" | "zstd" | "none";

const endings: Readonly<Record<Compression, string>> = { gzip: ".gz", zstd: ".zst", none: "" };

type Sums = Omit<PackedLayer, "path">;

async function readKept(path: string): Promise<PackedLayer | undefined> {
  try {
    const sums = JSON.parse(await readFile(`${path}.json`, "utf8")) as Sums;
    const { size } = await stat(path);
    return size === sums.sizeBytes ? { path, ...sums } : undefined;
  } catch {
    return undefined;
  }
}

/** Most new bytes go to loopback: level 1 takes less than half the time of 6, for some 13 percent more bytes. */
const gzipLevel = 1;

async function writeArchive(
  layer: Layer,
  prefix: string,
  file: string,
  compression: Compression,
): Promise<Sums> {
  const archive = pack();
  const tar = hashing();
  const written = hashing();
  await Promise.all([
    addChanges(archive, layer, prefix).catch((error: unknown) => {
      archive.destroy(error as Error);
      throw error;
    }),
    pipeline(
      archive,
      tar.stream,
      compressor(compression),
      written.stream,
      createWriteStream(file, { mode: 0o600 }),
    ),
  ]);
  return { digest: written.digest(), diffId: tar.digest(), sizeBytes: written.sizeBytes() };
}

function compressor(compression: Compression): Transform {
  switch (compression) {
    case "gzip":
      return createGzip({ level: gzipLevel });
    case "zstd":
      return createZstdCompress();
    case "none":
      return new PassThrough();
  }
}

async function addChanges(archive: Pack, layer: Layer, prefix: string): Promise<void> {
  for await (const change of changesOf(layer))
    await addEntry(archive, change, prefix === "" ? "" : `${prefix}/`);
  archive.finalize();
}

const smallFileBytes = 1 << 18;

async function addEntry(archive: Pack, change: Change, prefix: string): Promise<void> {
  const header = headerOf(change, prefix);
  if (change.kind !== "file" || change.sizeBytes <= smallFileBytes) {
    // tar-stream waits for ever on a file without bytes: an empty buffer says that there are none.
    const content = change.kind === "file" ? readFileSync(change.diskPath) : Buffer.alloc(0);
    return new Promise((resolve, reject) => {
      archive.entry(header, content, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  }
  await pipeline(createReadStream(change.diskPath, { highWaterMark: smallFileBytes }), archive.entry(header));
}

function headerOf(change: Change, prefix: string): Partial<Header> & { name: string } {
  const name = prefix + change.path;
  const owner = ownerFields(change);
  const common = { mtime: new Date(0), ...owner };
  switch (change.kind) {
    case "file":
      return { ...common, name, type: "file", mode: nonZero(change.mode), size: change.sizeBytes };
    case "directory":
      return { ...common, name: `${name}/`, type: "directory", mode: nonZero(change.mode) };
    case "symlink":
      return { ...common, name, type: "symlink", mode: 0o777, linkname: change.target };
    case "hard-link":
      return { ...common, name, type: "link", mode: nonZero(change.mode), linkname: prefix + change.target };
    case "whiteout":
      return { ...common, name, type: "file", mode: 0o600, size: 0 };
  }
}

/** tar-stream takes 0 for "not given"; it keeps the permission bits only. */
function nonZero(mode: number): number {
  return mode | 0o100000;
}

const maxOctalId = 0o777777;

/** Ids that do not fit the header's six octal digits go into the extended header (pax, IEEE Std 1003.1). */
function ownerFields({ uid, gid }: Change): Partial<Header> {
  const pax = {
    ...(uid > maxOctalId ? { uid: String(uid) } : {}),
    ...(gid > maxOctalId ? { gid: String(gid) } : {}),
  };
  return { uid, gid, ...(Object.keys(pax).length === 0 ? {} : { pax }) };
}

function hashing() {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  const stream = new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk);
      sizeBytes += chunk.length;
      done(null, chunk);
    },
  });
  return { stream, sizeBytes: () => sizeBytes, digest: () => `sha256:${hash.digest("hex")}` };
}
