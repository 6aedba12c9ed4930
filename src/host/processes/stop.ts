import { setTimeout as sleep } from "node:timers/promises";
import { identityOf, isAlive, type ProcessIdentity } from "./identity.ts";

export interface StopOptions {
  /** Milliseconds between the signal and SIGKILL. */
  readonly graceMs: number;
  /** @default "SIGTERM" */
  readonly signal?: NodeJS.Signals;
  /** Signals the whole process group that the process leads. @default false */
  readonly group?: boolean;
}

/** Ends a process for sure: the signal, the grace, then SIGKILL. Answers at once when it does not run. */
export async function stopProcess(identity: ProcessIdentity, options: StopOptions): Promise<void> {
  const target = options.group === true ? -identity.pid : identity.pid;
  if (!isAlive(identity)) return;
  sendSignal(target, options.signal ?? "SIGTERM");
  if (await endedWithin(identity, options.graceMs)) return;
  sendSignal(target, "SIGKILL");
  await endedWithin(identity, 5_000);
}

/** Waits until the process does not run; false when it still does after `milliseconds`. */
export async function endedWithin(identity: ProcessIdentity, milliseconds: number): Promise<boolean> {
  const deadline = performance.now() + milliseconds;
  let pauseMs = 2;
  while (isAlive(identity)) {
    if (performance.now() >= deadline) return false;
    await sleep(pauseMs);
    pauseMs = Math.min(pauseMs * 2, 50);
  }
  return true;
}

/** Sends a signal; a process that is gone is no error. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Ends all processes at once; those that do not run are passed over. */
export async function stopPids(pids: readonly number[], options: StopOptions): Promise<void> {
  const identities = pids.map(identityOf).filter((identity) => identity !== undefined);
  await Promise.all(identities.map((identity) => stopProcess(identity, options)));
}
