import { spawn, type ChildProcess } from "node:child_process";
import { readFile, readlink, realpath, rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { failure } from "../../model/errors.ts";
import { identityOf, stopProcess, type ProcessIdentity } from "../processes/processes.ts";
import type { PostgresBinaries } from "./binaries.ts";
import type { PostgresUser } from "./user.ts";

export interface ServerOptions {
  readonly binaries: PostgresBinaries;
  readonly user: PostgresUser;
  readonly dataDirectory: string;
  readonly address: string;
  readonly port: number;
  readonly durable: boolean;
  readonly log: (line: string) => void;
}

export interface Server {
  readonly identity: ProcessIdentity;
  readonly exited: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Runs the server with its input tied to this process: when that ends, however it ends, the shell shuts the server
 * down. `$1` is the server's program.
 */
const watchdog = `
"$@" 3<&- &
server=$!
{ cat <&3 >/dev/null; kill -INT "$server"; } 2>/dev/null &
watcher=$!
exec 3<&-
wait "$server"
code=$?
kill "$watcher" 2>/dev/null
exit "$code"
`;

const startTimeoutMs = 60_000;
const stopGraceMs = 20_000;

/** Starts a server on an initialised data directory and waits until it takes connections; recovers it if need be. */
export async function startServer(options: ServerOptions): Promise<Server> {
  await endPrevious(options.dataDirectory);
  const deadline = performance.now() + startTimeoutMs;
  for (;;) {
    const started = await tryStart(options);
    if (started.server !== undefined) return started.server;
    // Backends of a server that was killed need a moment to see that it is gone.
    const leftovers = started.lines.some((line) => line.includes("pre-existing shared memory block"));
    if (!leftovers || performance.now() > deadline) throw notStarted(options, started.lines);
    await sleep(100);
  }
}

async function tryStart(options: ServerOptions): Promise<{ server?: Server; lines: readonly string[] }> {
  const child = launch(options);
  const lines: string[] = [];
  const exited = new Promise<void>((resolve) =>
    child.once("close", () => {
      resolve();
    }),
  );
  // What holds the other end waits for exactly this.
  child.once("exit", () => child.stdio[3]?.destroy());
  const ready = new Promise<boolean>((resolve) => {
    child.once("error", (error) => {
      lines.push(error.message);
      resolve(false);
    });
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream as Readable }).on("line", (line) => {
        if (lines.length < 200) lines.push(line);
        options.log(line);
        if (line.includes("database system is ready to accept connections")) resolve(true);
      });
    }
    void exited.then(() => {
      resolve(false);
    });
  });
  const outcome = await Promise.race([ready, sleep(startTimeoutMs, false, { ref: false })]);
  const identity = outcome ? await postmaster(options.dataDirectory) : undefined;
  if (identity === undefined) {
    child.stdio[3]?.destroy();
    await exited;
    return { lines };
  }
  const stop = async () => {
    // Fast shutdown: sessions are ended, the data is written.
    await stopProcess(identity, { graceMs: stopGraceMs, signal: "SIGINT" });
    await exited;
  };
  return { server: { identity, exited, stop }, lines };
}

function launch({ binaries, user, dataDirectory, address, port, durable }: ServerOptions): ChildProcess {
  const settings = {
    listen_addresses: address,
    port: String(port),
    unix_socket_directories: "",
    timezone: "UTC",
    log_timezone: "UTC",
    ...(durable ? {} : throwawaySettings),
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const command = [...user.prefix, binaries.postgres, "-D", dataDirectory, ...flags];
  return spawn("/bin/sh", ["-c", watchdog, "fairway-postgres", ...command], {
    cwd: "/",
    env: { PATH: process.env["PATH"], LC_ALL: "C", ...binaries.variables },
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    // A signal to the terminal's process group is not for the server.
    detached: true,
    ...(user.uid === undefined ? {} : { uid: user.uid }),
    ...(user.gid === undefined ? {} : { gid: user.gid }),
  });
}

/** What a database that is thrown away need not survive. */
const throwawaySettings = {
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  // The WAL of a server that people use: what is measured on this one has to be true there.
  wal_level: "replica",
  max_wal_senders: "0",
  shared_buffers: "32MB",
};

/** A server that is left on this directory is shut down; the record of one that is gone is removed. */
async function endPrevious(dataDirectory: string): Promise<void> {
  const left = await postmaster(dataDirectory);
  if (left !== undefined) await stopProcess(left, { graceMs: stopGraceMs, signal: "SIGINT" });
  // Its pid may be another process by now, which PostgreSQL itself would take for a server.
  await rm(join(dataDirectory, "postmaster.pid"), { force: true });
}

/** The server that runs on this directory; undefined when none does. */
async function postmaster(dataDirectory: string): Promise<ProcessIdentity | undefined> {
  const text = await readFile(join(dataDirectory, "postmaster.pid"), "utf8").catch(() => "");
  const pid = Number(text.split("\n")[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  const identity = identityOf(pid);
  if (identity === undefined || process.platform !== "linux") return identity;
  // A server's working directory is its data directory.
  const directory = await readlink(`/proc/${String(pid)}/cwd`).catch(() => "");
  return directory === (await realpath(dataDirectory)) ? identity : undefined;
}

function notStarted(options: ServerOptions, lines: readonly string[]): Error {
  return failure(
    `PostgreSQL ${options.binaries.version} did not start on ${options.address}:${String(options.port)}`,
    {
      code: "POSTGRES_NOT_STARTED",
      place: options.dataDirectory,
      output: lines.slice(-30).join("\n"),
    },
  );
}
