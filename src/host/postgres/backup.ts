import { randomBytes } from "node:crypto";
import { copyFile, mkdir, open, readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { failure } from "../../model/errors.ts";
import { postgresBinaries } from "./binaries.ts";
import { inSession, type Query } from "./client.ts";
import { copyTree } from "./copy-tree.ts";

export interface BackedUpServer {
  readonly address: string;
  readonly port: number;
  /** Of a superuser. */
  readonly user: string;
  readonly password: string;
}

/**
 * Copies the data directory of a server that is at work to a directory that does not exist yet: PostgreSQL's base backup by
 * the low-level API. A server that is started on the copy has all that was committed when this returns, and
 * nothing of what was not. Nothing is removed where it fails.
 * See postgresql.org/docs/current/continuous-archiving.html, "Making a Base Backup Using the Low Level API".
 * @returns bytes
 * @throws FairwayError DISK_FULL, BACKUP_UNSUPPORTED
 */
export async function backUpCluster(
  server: BackedUpServer,
  directories: { readonly dataDirectory: string; readonly to: string; readonly cacheDirectory: string },
  signal?: AbortSignal,
): Promise<number> {
  const { dataDirectory, to } = directories;
  await requireOneDirectory(dataDirectory);
  const binaries = await postgresBinaries(directories.cacheDirectory);
  const { address: host, port, user, password } = server;
  return inSession(binaries, { host, port, user, password, database: "postgres" }, async (query) => {
    // Keeps the write-ahead log from being recycled under the copy; it goes with this session.
    const slot = `fairway_backup_${randomBytes(6).toString("hex")}`;
    await query(`SELECT pg_create_physical_replication_slot('${slot}', true, true)`);
    await query("SELECT pg_backup_start(label => 'fairway', fast => true)");
    const bytes = await copyTree(dataDirectory, to, { skips: isLeftOut, signal });
    for (const folder of emptied) await mkdir(join(to, folder), { recursive: true, mode: 0o700 });
    await copyControlFile(dataDirectory, to);
    const { label, lastSegment } = await stopBackup(query);
    const log = await copyLog(dataDirectory, to, { from: segmentIn(label), until: lastSegment });
    // Last: without it a server would take the copy for one that crashed, and begin at the wrong place.
    await writeSynced(join(to, "backup_label"), label);
    await syncDirectory(to);
    return bytes + log;
  });
}

/** Made anew, or emptied, when a server starts; the log is copied for itself. */
const emptied = [
  "pg_wal",
  "pg_replslot",
  "pg_dynshmem",
  "pg_notify",
  "pg_serial",
  "pg_snapshots",
  "pg_stat_tmp",
  "pg_subtrans",
];

const leftOut = new Set([
  ...emptied.map((folder) => `${folder}/`),
  "postmaster.pid",
  "postmaster.opts",
  "backup_label",
  "backup_label.old",
  "tablespace_map",
  "postgresql.auto.conf.tmp",
  controlFile(),
]);

function isLeftOut(path: string): boolean {
  const name = basename(path);
  return leftOut.has(path) || name.startsWith("pgsql_tmp") || name.startsWith("pg_internal.init");
}

function controlFile(): string {
  return join("global", "pg_control");
}

/**
 * After everything else, as pg_basebackup does it; and twice the same, because a server may write it meanwhile and a
 * file system need not make that one step.
 */
async function copyControlFile(from: string, to: string): Promise<void> {
  let before = await readFile(join(from, controlFile()));
  for (;;) {
    const again = await readFile(join(from, controlFile()));
    if (again.equals(before)) break;
    before = again;
  }
  await writeSynced(join(to, controlFile()), before);
}

async function stopBackup(query: Query): Promise<{ readonly label: string; readonly lastSegment: string }> {
  const [row] = await query(
    "SELECT labelfile AS label, pg_walfile_name(lsn) AS segment FROM pg_backup_stop(wait_for_archive => false)",
  );
  return { label: String(row?.["label"]), lastSegment: String(row?.["segment"]) };
}

/** `START WAL LOCATION: 0/2000028 (file 000000010000000000000002)` */
function segmentIn(label: string): string {
  const segment = /^START WAL LOCATION: \S+ \(file ([0-9A-F]{24})\)$/m.exec(label)?.[1];
  if (segment === undefined) throw new Error(`PostgreSQL's backup_label cannot be read: ${label}`);
  return segment;
}

/** The part of the write-ahead log that makes the copied files one state. */
async function copyLog(
  dataDirectory: string,
  to: string,
  { from, until }: { readonly from: string; readonly until: string },
): Promise<number> {
  const directory = join(dataDirectory, "pg_wal");
  const names = (await readdir(directory)).filter(
    (name) => name.endsWith(".history") || (/^[0-9A-F]{24}$/.test(name) && name >= from && name <= until),
  );
  for (const end of [from, until]) {
    if (!names.includes(end)) throw new Error(`the write-ahead log lacks ${end}, which the backup needs`);
  }
  let bytes = 0;
  for (const name of names) {
    await copyFile(join(directory, name), join(to, "pg_wal", name));
    await using handle = await open(join(to, "pg_wal", name), "r");
    await handle.sync();
    bytes += (await handle.stat()).size;
  }
  return bytes;
}

/** What lies outside of the directory would be in no copy of it. */
async function requireOneDirectory(dataDirectory: string): Promise<void> {
  const [tablespace] = await readdir(join(dataDirectory, "pg_tblspc"));
  if (tablespace === undefined) return;
  throw failure("the database has a tablespace of its own, which is not a part of its data directory", {
    code: "BACKUP_UNSUPPORTED",
    place: join(dataDirectory, "pg_tblspc", tablespace),
    remedy: "Move what is in it to pg_default and drop it, or set `backup: { before: never }`.",
  });
}

async function writeSynced(file: string, content: string | Buffer): Promise<void> {
  await using handle = await open(file, "w", 0o600);
  await handle.writeFile(content);
  await handle.sync();
}

async function syncDirectory(directory: string): Promise<void> {
  await using handle = await open(directory, "r");
  await handle.sync();
}
