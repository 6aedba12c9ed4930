import { spawn } from "node:child_process";
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  renameSync,
  statSync,
  writeSync,
} from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Json } from "../../model/canonical-json.ts";
import { failure } from "../../model/errors.ts";
import { readJsonFile, writeJsonFile } from "./files.ts";
import { isAlive, ownIdentity, type ProcessIdentity } from "./identity.ts";
import { takeLock } from "./lock.ts";
import { markedProcesses } from "./marked.ts";

export interface DaemonOptions {
  /** The module to run, a `.ts` in the source and a `.js` in the build. It calls `becomeDaemon`. */
  readonly entry: URL | string;
  /** Never a secret: everybody on the machine can read a command line. */
  readonly arguments: readonly string[];
  /** Where the daemon leaves its record; one daemon at a time for a directory. */
  readonly stateDirectory: string;
  /** Takes what the daemon prints. Made with mode 0600. */
  readonly logFile: string;
  /** Variables beside the few that every daemon gets (PATH, HOME, ...). Never a secret. */
  readonly variables?: Readonly<Record<string, string>>;
  /** @default 30_000 */
  readonly startTimeoutMs?: number;
}

/** A daemon that runs, and what it said when it was ready. */
export interface Daemon extends ProcessIdentity {
  readonly announcement: Json;
}

/** The daemon of this directory: the one that runs, or a new one. Many may ask at once; all get the same. */
export async function ensureDaemon(options: DaemonOptions): Promise<Daemon> {
  const deadline = performance.now() + (options.startTimeoutMs ?? 30_000);
  for (;;) {
    const running = (await findDaemon(options.stateDirectory)) ?? (await spawnDaemon(options));
    if (running !== undefined) return running;
    // Another one holds the lock and is not ready yet, or is just ending.
    if (performance.now() > deadline)
      throw notStarted(options, "another start of it does not come to its end");
    await sleep(50);
  }
}

/** The daemon that runs for this directory, or undefined. */
export async function findDaemon(stateDirectory: string): Promise<Daemon | undefined> {
  const record = (await readJsonFile(recordOf(stateDirectory))) as Daemon | undefined;
  return record !== undefined && isAlive(record) ? record : undefined;
}

/**
 * Starts a process in a session of its own, which outlives this one and its terminal, and waits until it says that
 * it is ready. Undefined when one for the same directory is there already.
 * @throws FairwayError DAEMON_NOT_STARTED with the end of its log
 */
export async function spawnDaemon(options: DaemonOptions): Promise<Daemon | undefined> {
  mkdirSync(options.stateDirectory, { recursive: true });
  mkdirSync(dirname(options.logFile), { recursive: true });
  rotate(options.logFile);
  const log = openSync(options.logFile, "a", 0o600);
  const entry = options.entry instanceof URL ? fileURLToPath(options.entry) : options.entry;
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", entry, ...options.arguments],
    {
      cwd: options.stateDirectory,
      detached: true,
      env: { ...inheritedVariables(), ...options.variables, [stateVariable]: options.stateDirectory },
      stdio: ["ignore", log, log, "pipe"],
    },
  );
  closeSync(log);
  const handshake = child.stdio[3] as Readable;
  try {
    const answer = await Promise.race([
      firstLine(handshake),
      new Promise<never>((_, reject) => child.once("error", reject)),
      sleep(options.startTimeoutMs ?? 30_000, "timeout" as const, { ref: false }),
    ]);
    if (answer === "taken") return undefined;
    const daemon = answer === "ready" ? await findDaemon(options.stateDirectory) : undefined;
    if (daemon !== undefined) return daemon;
    if (answer === "timeout") child.kill("SIGKILL");
    throw notStarted(options, answer === "timeout" ? "it was not ready in time" : "it ended at once");
  } catch (error) {
    throw await withLog(error, options.logFile);
  } finally {
    handshake.destroy();
    child.unref();
  }
}

/** Says whether this process may be the daemon of its directory; where another one is, it has to end. */
export function becomeDaemon(): {
  readonly stateDirectory: string;
  ready(announcement: Json): Promise<void>;
  /** False once its directory was removed, or has the record of another one: nobody can reach it any more. */
  isReachable(): boolean;
  end(): Promise<void>;
} {
  const stateDirectory = process.env[stateVariable];
  if (stateDirectory === undefined) throw new Error("this file is started as a daemon by Fairway itself");
  const lock = takeLock(join(stateDirectory, "daemon.lock"));
  if (lock === undefined) {
    tellParent("taken");
    process.exit(0);
  }
  let record: string | undefined;
  const isReachable = () => record === undefined || textOf(recordOf(stateDirectory)) === record;
  return {
    stateDirectory,
    ready: async (announcement) => {
      await writeJsonFile(recordOf(stateDirectory), { ...ownIdentity(), announcement });
      record = textOf(recordOf(stateDirectory));
      tellParent("ready");
    },
    isReachable,
    end: async () => {
      if (isReachable()) await rm(recordOf(stateDirectory), { force: true });
      lock.release();
    },
  };
}

/**
 * Daemons that were started for this directory, and whose directory was removed since: it may be there anew. They
 * run, and nobody finds them by their record. Linux only; elsewhere none.
 */
export function lostDaemons(stateDirectory: string): readonly number[] {
  const marked = markedProcesses(stateVariable, (value) => value === stateDirectory);
  // What a daemon starts may have its variables.
  const first = marked.filter((pid) => !marked.includes(parentOf(pid) ?? 0));
  return first.filter((pid) => workdirOf(pid)?.endsWith(" (deleted)") === true);
}

const lookMs = 1_000;
/** Looks in a row that find nothing: a directory may be on its way to another disk. */
const lostAfter = 3;

/** Calls `then`, once, when nobody can reach this process by its record any more. */
export function whenLost(isReachable: () => boolean, then: () => void): void {
  let missed = 0;
  const looking = setInterval(() => {
    missed = isReachable() ? 0 : missed + 1;
    if (missed < lostAfter) return;
    clearInterval(looking);
    then();
  }, lookMs);
  looking.unref();
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function workdirOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${String(pid)}/cwd`);
  } catch {
    return undefined;
  }
}

/** Field 4 of proc_pid_stat(5). */
function parentOf(pid: number): number | undefined {
  const stat = textOf(`/proc/${String(pid)}/stat`);
  return stat === undefined ? undefined : Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}

const stateVariable = "FAIRWAY_DAEMON_STATE";

function recordOf(stateDirectory: string): string {
  return join(stateDirectory, "daemon.json");
}

/** A parent that was killed meanwhile is no reason to end. */
function tellParent(word: string): void {
  try {
    writeSync(3, `${word}\n`);
    closeSync(3);
  } catch {
    // Nobody listens.
  }
}

const maxLogBytes = 5 * 1024 * 1024;

/** A daemon writes little: at its start is often enough. */
function rotate(logFile: string): void {
  const size = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
  if (size > maxLogBytes) renameSync(logFile, `${logFile}.1`);
}

/** What a daemon may see of its starter's environment: nothing in which a secret is passed. */
function inheritedVariables(): Record<string, string> {
  const names =
    /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_[A-Z]+|TZ|TMPDIR|XDG_[A-Z_]+|FAIRWAY_CACHE_DIR|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE)$/;
  const entries = Object.entries(process.env).filter((entry): entry is [string, string] =>
    names.test(entry[0]),
  );
  return Object.fromEntries(entries);
}

async function firstLine(stream: Readable): Promise<string> {
  let text = "";
  for await (const chunk of stream) {
    text += String(chunk);
    if (text.includes("\n")) break;
  }
  return text.trim();
}

function notStarted(options: DaemonOptions, why: string): Error {
  return failure(`a background process of Fairway did not start: ${why}`, {
    code: "DAEMON_NOT_STARTED",
    place: options.logFile,
    remedy: `read ${options.logFile}`,
  });
}

async function withLog(error: unknown, logFile: string): Promise<unknown> {
  const log = await readFile(logFile, "utf8").catch(() => "");
  const output = log.trimEnd().split("\n").slice(-20).join("\n");
  if (output === "" || !(error instanceof Error)) return error;
  return failure(error.message, {
    code: "DAEMON_NOT_STARTED",
    place: logFile,
    remedy: `read ${logFile}`,
    output,
    cause: error,
  });
}
