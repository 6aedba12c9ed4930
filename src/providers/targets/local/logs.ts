import { open, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { LogLine, LogOptions, LogState } from "../../../model/target.ts";
import { chooseLogs, type KnownLog } from "./chosen-logs.ts";
import { parseLogName } from "./log-files.ts";

const defaultLines = 100;
const pollMs = 150;

interface LogFile extends KnownLog {
  readonly path: string;
}

/**
 * The last lines of the replicas that are wanted, then, when following, what all replicas write from now on.
 * @param running by the name of its log how each replica is doing; none where nothing runs
 */
export async function* readLogs(
  directory: string,
  options: LogOptions,
  running: Readonly<Record<string, LogState>> = {},
): AsyncGenerator<LogLine> {
  const positions = new Map<string, number>();
  const files = (await logFiles(directory, options)).map((log) => ({
    ...log,
    state: running[log.file] ?? ("ended" as const),
  }));
  const { shown, hidden } = chooseLogs(files, options);
  for (const { service, index, version } of hidden) options.onHidden?.({ service, index, version });
  for (const file of shown) {
    const text = await readText(file.path);
    positions.set(file.path, Buffer.byteLength(text.slice(0, text.lastIndexOf("\n") + 1)));
    const complete = options.follow === true ? text.slice(0, text.lastIndexOf("\n") + 1) : text;
    for (const line of lastLines(complete, options.lines ?? defaultLines))
      yield { ...lineOf(file, line), state: file.state };
  }
  if (options.follow !== true) return;
  // Older files are not new, though nothing of them was shown.
  for (const file of await logFiles(directory, options)) {
    if (!positions.has(file.path)) positions.set(file.path, (await stat(file.path)).size);
  }
  yield* follow(directory, options, positions);
}

async function* follow(
  directory: string,
  options: LogOptions,
  positions: Map<string, number>,
): AsyncGenerator<LogLine> {
  while (options.signal?.aborted !== true) {
    for (const file of await logFiles(directory, options)) {
      const { text, position } = await readFrom(file.path, positions.get(file.path) ?? 0);
      positions.set(file.path, position);
      for (const line of lastLines(text, Infinity)) yield lineOf(file, line);
    }
    await sleep(pollMs, undefined, options.signal === undefined ? {} : { signal: options.signal }).catch(
      () => undefined,
    );
  }
}

/** Whole lines from `position` on; from the beginning when the file was rotated. */
async function readFrom(path: string, position: number): Promise<{ text: string; position: number }> {
  const handle = await open(path, "r").catch(() => undefined);
  if (handle === undefined) return { text: "", position };
  try {
    const { size } = await handle.stat();
    const from = size < position ? 0 : position;
    const bytes = Buffer.alloc(size - from);
    await handle.read(bytes, 0, bytes.length, from);
    const end = bytes.lastIndexOf("\n") + 1;
    return { text: bytes.subarray(0, end).toString(), position: from + end };
  } finally {
    await handle.close();
  }
}

async function logFiles(
  directory: string,
  { service, index, version }: LogOptions,
): Promise<Omit<LogFile, "state">[]> {
  const names = await readdir(directory).catch(() => []);
  return names
    .flatMap((file) => {
      const parsed = parseLogName(file);
      return parsed === undefined ? [] : [{ ...parsed, file, path: join(directory, file) }];
    })
    .filter((file) => service === undefined || file.service === service)
    .filter((file) => index === undefined || file.index === index)
    .filter((file) => version === undefined || file.version.startsWith(version))
    .sort((a, b) => a.service.localeCompare(b.service) || a.index - b.index || a.startedAtMs - b.startedAtMs);
}

async function readText(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}

function lastLines(text: string, count: number): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return count === Infinity ? lines : lines.slice(-count);
}

function lineOf({ service, index, version }: Omit<LogFile, "state">, text: string): LogLine {
  return { service, index, version, text };
}
