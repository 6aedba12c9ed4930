import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/**
 * Bytes that a process and all that it started have in memory, beside what is only mapped from files: that much can be given
 * back. Where the process is in a PID namespace of its own, all of that namespace.
 */
export function memoryOfTree(processId: number): number {
  return treeFrom(rootOf(processId)).reduce((sum, id) => sum + memoryOf(id), 0);
}

/** A namespace's first process has those that lost their parent. */
function rootOf(processId: number): number {
  const own = namespaceOf("self");
  const its = namespaceOf(String(processId));
  if (own === undefined || its === undefined || own === its) return processId;
  const parent = Number(/^PPid:\s*(\d+)/m.exec(textOf(`/proc/${String(processId)}/status`))?.[1] ?? 0);
  return parent > 1 && namespaceOf(String(parent)) === its ? parent : processId;
}

function treeFrom(root: number): number[] {
  const found = [root];
  for (const id of found) found.push(...childrenOf(id).filter((child) => !found.includes(child)));
  return found;
}

/** Of every thread: each may have started some. */
function childrenOf(processId: number): number[] {
  const tasks = `/proc/${String(processId)}/task`;
  return namesIn(tasks).flatMap((task) =>
    textOf(`${tasks}/${task}/children`).split(" ").filter(Boolean).map(Number),
  );
}

function memoryOf(processId: number): number {
  const status = textOf(`/proc/${String(processId)}/status`);
  const kibibytes = (field: string) => {
    const value = new RegExp(`^${field}:\\s*(\\d+) kB`, "m").exec(status)?.[1];
    return value === undefined ? undefined : Number(value);
  };
  const own = kibibytes("RssAnon");
  const resident = own === undefined ? kibibytes("VmRSS") : own + (kibibytes("RssShmem") ?? 0);
  return (resident ?? 0) * 1024;
}

function namespaceOf(processId: string): string | undefined {
  try {
    return readlinkSync(`/proc/${processId}/ns/pid`);
  } catch {
    return undefined;
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}
