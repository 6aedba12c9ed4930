import { Readable } from "node:stream";
import { gunzipSync } from "node:zlib";
import { extract } from "tar-stream";
import { absolute, relative } from "../files/paths.ts";
import { fileEntry, folderEntry, linkEntry, rootEntry, Tree, type TreeEntry } from "../files/tree.ts";

/** The kind of an archive that Docker unpacks and this engine does not; undefined for any other file. */
export function unsupportedArchive(bytes: Buffer): string | undefined {
  if (bytes.subarray(0, 6).equals(Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]))) return "an xz archive";
  return bytes.subarray(0, 3).toString("latin1") === "BZh" ? "a bzip2 archive" : undefined;
}

/** What ADD makes of an archive: its contents; undefined where the bytes are none. */
export async function unpackedTree(bytes: Buffer): Promise<Tree | undefined> {
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const tar = isGzip ? gunzipSync(bytes) : bytes;
  if (tar.subarray(257, 262).toString("latin1") !== "ustar") return undefined;
  return read(tar);
}

async function read(tar: Buffer): Promise<Tree> {
  const entries = new Map<string, TreeEntry>([["", rootEntry]]);
  const unpack = Readable.from([tar]).pipe(extract());
  for await (const entry of unpack) {
    const { name, type, mode, uid, gid, linkname } = entry.header;
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    const path = relative(absolute(name));
    if (path === "") continue;
    for (let slash = path.indexOf("/"); slash !== -1; slash = path.indexOf("/", slash + 1)) {
      if (!entries.has(path.slice(0, slash))) entries.set(path.slice(0, slash), rootEntry);
    }
    if (type === "directory") entries.set(path, folderEntry(mode & 0o7777, uid, gid));
    else if (type === "symlink") entries.set(path, linkEntry(linkname));
    else if (type === "link") entries.set(path, entries.get(relative(absolute(linkname))) ?? rootEntry);
    else if (type === "file") entries.set(path, fileEntry(Buffer.concat(chunks), mode & 0o7777, uid, gid));
  }
  return new Tree(entries, null);
}
