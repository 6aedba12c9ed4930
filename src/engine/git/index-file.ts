import { createHash } from "node:crypto";
import { byBytes } from "../files/paths.ts";

export interface IndexEntry {
  readonly path: string;
  /** `100644` */
  readonly mode: string;
  readonly oid: string;
}

/**
 * The index of a checkout, the same for the same files: without times and sizes, so that git reads a file before it says that it
 * is unchanged. See gitformat-index(5), version 2.
 */
export function indexFile(entries: readonly IndexEntry[]): Buffer {
  const head = Buffer.alloc(12);
  head.write("DIRC");
  head.writeUInt32BE(2, 4);
  head.writeUInt32BE(entries.length, 8);
  const sorted = entries.toSorted((a, b) => byBytes(a.path, b.path));
  const content = Buffer.concat([head, ...sorted.map(record)]);
  return Buffer.concat([content, createHash("sha1").update(content).digest()]);
}

function record({ path, mode, oid }: IndexEntry): Buffer {
  const name = Buffer.from(path);
  // Ended by one to eight zeros, to a multiple of eight.
  const bytes = Buffer.alloc(Math.floor((62 + name.length + 8) / 8) * 8);
  bytes.writeUInt32BE(Number.parseInt(mode, 8), 24);
  bytes.write(oid, 40, "hex");
  bytes.writeUInt16BE(Math.min(name.length, 0xfff), 60);
  name.copy(bytes, 62);
  return bytes;
}
