import { readFileSync } from "node:fs";

/** True while a namespace's init has a child besides the one that watches over our own end. */
export function hasOthers(init: number): boolean {
  return childrenOf(init).filter(isRunning).length > 1;
}

/** Direct children, by proc_pid_children(5); empty where the kernel does not have that file. */
export function childrenOf(processId: number): number[] {
  const id = String(processId);
  const text = readText(`/proc/${id}/task/${id}/children`) ?? "";
  return text.split(" ").filter(Boolean).map(Number);
}

/** The program's name as the kernel keeps it, at most 15 bytes. */
export function commandName(processId: number): string | undefined {
  return readText(`/proc/${String(processId)}/comm`)?.trim();
}

/** True when the process has a handler for the signal: it sees to its children itself. */
export function catches(processId: number, signal: number): boolean {
  const mask = /^SigCgt:\s*([0-9a-f]+)/m.exec(readText(`/proc/${String(processId)}/status`) ?? "")?.[1];
  return mask !== undefined && ((BigInt(`0x${mask}`) >> BigInt(signal - 1)) & 1n) === 1n;
}

function isRunning(processId: number): boolean {
  const stat = readText(`/proc/${String(processId)}/stat`);
  return stat !== undefined && !/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined;
  }
}
