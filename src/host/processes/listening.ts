import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { endianness } from "node:os";

/**
 * The TCP ports that a process, or one that it started, listens on, in order. Linux only, elsewhere none; of processes
 * that this user may not look into, none either. See proc_pid_net(5) and proc_pid_fd(5).
 */
export function listeningPorts(pid: number): readonly number[] {
  if (process.platform !== "linux") return [];
  const family = withDescendants(pid);
  const sockets = new Set(family.flatMap(socketsOf));
  const tables = ["tcp", "tcp6"].flatMap((table) => linesOf(`/proc/${String(pid)}/net/${table}`).slice(1));
  const ports = tables.flatMap((line) => {
    const [, local = "", , state, , , , , , inode = ""] = line.trim().split(/\s+/);
    const listens = state === "0A" && sockets.has(inode);
    return listens ? [portIn(local)] : [];
  });
  return [...new Set(ports)].sort((a, b) => a - b);
}

/** The two ends of a TCP connection over IPv4 on this machine, as whoever accepted it sees them. */
export interface LocalConnection {
  /** `127.0.0.1` */
  readonly address: string;
  readonly port: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
}

/**
 * For each connection, whether one of these processes, or one that they started, holds the other end of it. Linux only,
 * elsewhere never. See proc_pid_net(5). Takes milliseconds of a thread: the kernel walks all its connections.
 */
export async function areConnectionsOf(
  pids: readonly number[],
  connections: readonly LocalConnection[],
): Promise<readonly boolean[]> {
  const isLinux = process.platform === "linux";
  const inodes = new Map<string, string>();
  const keys = connections.map(
    ({ address, port, remoteAddress, remotePort }) =>
      `${endOf(remoteAddress, remotePort)} ${endOf(address, port)}`,
  );
  for (const table of isLinux && pids.length > 0 ? ["tcp", "tcp6"] : []) {
    if (keys.every((key) => inodes.has(key))) break;
    const text = await readFile(`/proc/self/net/${table}`, "utf8").catch(() => "");
    for (const line of text.trimEnd().split("\n").slice(1)) {
      const [, local = "", remote = "", , , , , , , inode = ""] = line.trim().split(/\s+/);
      inodes.set(`${unmapped(local)} ${unmapped(remote)}`, inode);
    }
  }
  const wanted = keys.map((key) => inodes.get(key));
  if (wanted.every((inode) => inode === undefined)) return wanted.map(() => false);
  const owned = new Set(withDescendants(...pids).flatMap(socketsOf));
  return wanted.map((inode) => inode !== undefined && owned.has(inode));
}

/** As in the tables: the address in the byte order of this machine, the port as it is read. */
function endOf(address: string, port: number): string {
  const bytes = unmapped(address)
    .split(".")
    .map((byte) => hex(Number(byte), 2));
  return `${(littleEndian ? bytes.reverse() : bytes).join("")}:${hex(port, 4)}`;
}

const littleEndian = endianness() === "LE";
const mappedPrefix = littleEndian ? "0000000000000000FFFF0000" : "00000000000000000000FFFF";

/** A socket of IPv6 may speak IPv4 (RFC 4291 section 2.5.5.2). */
function unmapped(end: string): string {
  return end.startsWith(mappedPrefix) ? end.slice(mappedPrefix.length) : end.replace(/^::ffff:/i, "");
}

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, "0");
}

/** `0100007F:1F90` */
function portIn(address: string): number {
  return Number.parseInt(address.slice(address.lastIndexOf(":") + 1), 16);
}

function withDescendants(...pids: readonly number[]): number[] {
  const family = [...pids];
  // An array that grows while it is walked.
  for (const member of family) family.push(...childrenOf(member));
  return family;
}

/** See proc_pid_task(5): each thread has those that it started. Not every kernel is built with it. */
function childrenOf(pid: number): readonly number[] {
  const directory = `/proc/${String(pid)}/task`;
  const lists = namesIn(directory).map((thread) =>
    orNothing(() => readFileSync(`${directory}/${thread}/children`, "utf8")),
  );
  if (lists.length > 0 && lists.every((list) => list === undefined)) return childrenByParent(pid);
  return lists.flatMap((list) => (list ?? "").split(" ").filter(Boolean).map(Number));
}

function childrenByParent(pid: number): readonly number[] {
  const all = readdirSync("/proc").filter((entry) => /^\d+$/.test(entry));
  return all.filter((entry) => parentOf(entry) === pid).map(Number);
}

/** Field 4 of /proc/<pid>/stat; the name in field 2 may hold spaces and parentheses. */
function parentOf(pid: string): number {
  const [stat = ""] = linesOf(`/proc/${pid}/stat`);
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}

/** The inodes of its sockets. */
function socketsOf(pid: number): string[] {
  const directory = `/proc/${String(pid)}/fd`;
  return namesIn(directory).flatMap(
    (name) => /^socket:\[(\d+)\]$/.exec(linkOf(`${directory}/${name}`))?.[1] ?? [],
  );
}

function linesOf(file: string): string[] {
  return orNothing(() => readFileSync(file, "utf8").trimEnd().split("\n")) ?? [];
}

function namesIn(directory: string): string[] {
  return orNothing(() => readdirSync(directory)) ?? [];
}

function linkOf(file: string): string {
  return orNothing(() => readlinkSync(file)) ?? "";
}

/** A process may end, or close a file, while it is looked at. */
function orNothing<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
