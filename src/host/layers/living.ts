import { readFileSync, readlinkSync } from "node:fs";

/**
 * Names a process so that a later process with the same number is not taken for it: the namespace of its number,
 * the number, and when the kernel started it.
 */
export function processName(processId = process.pid): string {
  return `${pidNamespace()}.${String(processId)}.${startTime(processId) ?? "0"}`;
}

/** `unknown` for a process that cannot be seen from here (of another container that shares the directory). */
export function isLiving(name: string): boolean | "unknown" {
  const [namespace, processId, start] = name.split(".");
  if (namespace !== pidNamespace() || processId === undefined || start === undefined) return "unknown";
  return startTime(Number(processId)) === start;
}

/** Clock ticks since boot, field 22 of proc_pid_stat(5), with the boot's id; undefined when it is gone. */
function startTime(processId: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${String(processId)}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? undefined : `${fields[19] ?? ""}-${bootId()}`;
  } catch {
    return undefined;
  }
}

function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "latin1").slice(0, 8);
}

function pidNamespace(): string {
  return /\d+/.exec(readlinkSync("/proc/self/ns/pid"))?.[0] ?? "0";
}
