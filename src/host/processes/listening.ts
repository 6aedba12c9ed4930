import { readdirSync, readFileSync, readlinkSync } from "node:fs";

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

/** The two ends of a connection on this machine, as whoever accepted it sees them. */
export interface LocalConnection {
  readonly port: number;
  readonly remotePort: number;
}

/**
 * Whether one of these processes, or one that they started, holds the other end of a connection. Linux only, elsewhere
 * never. See proc_pid_net(5).
 */
export function isConnectionOf(pids: readonly number[], { port, remotePort }: LocalConnection): boolean {
  if (process.platform !== "linux") return false;
  const inodes = ["tcp", "tcp6"].flatMap((table) =>
    linesOf(`/proc/self/net/${table}`)
      .slice(1)
      .flatMap((line) => {
        const [, local = "", remote = "", , , , , , , inode = ""] = line.trim().split(/\s+/);
        return portIn(local) === remotePort && portIn(remote) === port ? [inode] : [];
      }),
  );
  if (inodes.length === 0) return false;
  return withDescendants(...pids).some((member) => socketsOf(member).some((inode) => inodes.includes(inode)));
}

/** `0100007F:1F90` */
function portIn(address: string): number {
  return Number.parseInt(address.slice(address.lastIndexOf(":") + 1), 16);
}

function withDescendants(...pids: readonly number[]): number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const parent = parentOf(entry);
    children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
  }
  const family = [...pids];
  for (const member of family) family.push(...(children.get(member) ?? []));
  return family;
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
