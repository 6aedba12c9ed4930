import { closeSync, mkdirSync, openSync, readFileSync, renameSync, statSync, writeSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { StringDecoder } from "node:string_decoder";
import type { Scrub } from "../../../model/scrub.ts";

/** The log of one replica: appended to, rotated when it is full. Mode 0600: what an application prints is its own. */
export interface ReplicaLog {
  readonly file: string;
  /** Whole lines are written, with secrets replaced; the beginning of a line waits for its end. */
  write(stream: "stdout" | "stderr", chunk: Buffer): void;
  /** Writes what waits. */
  flush(): void;
  /** The last lines, for an error. */
  tail(lines: number): string;
  close(): void;
}

export interface LogFileName {
  readonly service: string;
  readonly index: number;
  readonly version: string;
  /** Orders the replicas of a slot: milliseconds since 1970. */
  readonly startedAtMs: number;
}

const maxBytes = 10 * 1024 * 1024;
/** Of each slot. */
const keptReplicas = 5;

export function openReplicaLog(directory: string, name: LogFileName, scrub: Scrub): ReplicaLog {
  const file = join(directory, formatLogName(name));
  mkdirSync(dirname(file), { recursive: true });
  let handle: number | undefined = openSync(file, "a", 0o600);
  let size = statSync(file).size;
  const append = (text: string) => {
    if (handle === undefined || text === "") return;
    if (size > maxBytes) {
      closeSync(handle);
      renameSync(file, `${file}.1`);
      handle = openSync(file, "a", 0o600);
      size = 0;
    }
    size += writeSync(handle, scrub(text));
  };
  const streams = { stdout: lineBuffer(), stderr: lineBuffer() };
  const flush = () => {
    append(streams.stdout.rest());
    append(streams.stderr.rest());
  };
  return {
    file,
    write: (stream, chunk) => {
      append(streams[stream].lines(chunk));
    },
    flush,
    tail: (lines) => {
      flush();
      return lastLines(file, lines);
    },
    close: () => {
      flush();
      if (handle !== undefined) closeSync(handle);
      handle = undefined;
    },
  };
}

/** A line longer than this is written in pieces. */
const maxLineLength = 64 * 1024;

/** Gives out whole lines, so that a secret that comes in two chunks is seen whole. */
function lineBuffer(): { lines(chunk: Buffer): string; rest(): string } {
  const decoder = new StringDecoder("utf8");
  let held = "";
  return {
    lines: (chunk) => {
      held += decoder.write(chunk);
      const end = held.length > maxLineLength ? held.length : held.lastIndexOf("\n") + 1;
      const whole = held.slice(0, end);
      held = held.slice(end);
      return whole;
    },
    rest: () => {
      const rest = held;
      held = "";
      return rest === "" || rest.endsWith("\n") ? rest : `${rest}\n`;
    },
  };
}

/** `api.0.1763716000000.4f2a9c1.log` */
function formatLogName(name: LogFileName): string {
  const version = encodeURIComponent(name.version);
  return `${name.service}.${String(name.index)}.${String(name.startedAtMs)}.${version}.log`;
}

export function parseLogName(file: string): LogFileName | undefined {
  const match = /^(.+)\.(\d+)\.(\d+)\.(.+)\.log$/.exec(file);
  if (match === null) return undefined;
  const [, service = "", index, startedAtMs, version = ""] = match;
  return {
    service,
    index: Number(index),
    startedAtMs: Number(startedAtMs),
    version: decodeURIComponent(version),
  };
}

/** Removes the logs of all but the latest replicas of each slot; those in `running` stay, by the names of their files. */
export async function pruneLogs(directory: string, running: ReadonlySet<string>): Promise<void> {
  const bySlot = new Map<string, { file: string; at: number }[]>();
  for (const file of await readdir(directory).catch(() => [])) {
    const name = parseLogName(file);
    if (name === undefined) continue;
    const slot = `${name.service}.${String(name.index)}`;
    bySlot.set(slot, [...(bySlot.get(slot) ?? []), { file, at: name.startedAtMs }]);
  }
  for (const files of bySlot.values()) {
    const old = files.sort((a, b) => b.at - a.at).slice(keptReplicas);
    for (const { file } of old.filter((one) => !running.has(one.file))) {
      await rm(join(directory, file), { force: true });
      await rm(join(directory, `${file}.1`), { force: true });
    }
  }
}

function lastLines(file: string, lines: number): string {
  const text = readFileSync(file, "utf8").trimEnd();
  return text.split("\n").slice(-lines).join("\n");
}
