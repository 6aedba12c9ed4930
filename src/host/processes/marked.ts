import { readdirSync, readFileSync } from "node:fs";

/**
 * The processes whose environment holds `name=value`: what somebody started with that mark, and everything that
 * those started in turn, also when nobody had the time to write their pids down. Linux only; elsewhere none.
 */
export function markedProcesses(name: string, accepts: (value: string) => boolean): readonly number[] {
  if (process.platform !== "linux") return [];
  const prefix = `${name}=`;
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .map(Number)
    .filter((pid) =>
      environmentOf(pid).some((line) => line.startsWith(prefix) && accepts(line.slice(prefix.length))),
    );
}

/** Empty for a process that is gone or belongs to another user. */
function environmentOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${String(pid)}/environ`, "utf8").split("\0");
  } catch {
    return [];
  }
}
