import type { LogOptions, LogState } from "../../../model/target.ts";
import type { LogFileName } from "./log-files.ts";

/** The log of a replica, and how that is doing. */
export interface KnownLog extends LogFileName {
  readonly file: string;
  readonly state: LogState;
}

export interface ChosenLogs<Log extends KnownLog> {
  readonly shown: readonly Log[];
  /** Of replicas that ended, each newer than the one that runs in its place. */
  readonly hidden: readonly Log[];
}

/**
 * Whose lines somebody wants who only names the environment: those of the replicas that run, and of a service that
 * runs none, what the last one of each slot has left. Who names a slot gets both; who names a version, the last of it.
 */
export function chooseLogs<Log extends KnownLog>(
  logs: readonly Log[],
  { index, version }: Pick<LogOptions, "index" | "version">,
): ChosenLogs<Log> {
  const shown: Log[] = [];
  const hidden: Log[] = [];
  for (const ofService of groups(logs, ({ service }) => service)) {
    const serviceRuns = ofService.some(runs);
    for (const slot of groups(ofService, (log) => String(log.index))) {
      const latest = slot.reduce((last, log) => (log.startedAtMs > last.startedAtMs ? log : last));
      const running = slot.filter(runs);
      const ended = runs(latest) ? [] : [latest];
      const isAsked = index !== undefined || version !== undefined || !serviceRuns;
      shown.push(...(isAsked ? ended : []), ...running);
      // A slot that the service has no more is no news.
      if (!isAsked && running.length > 0) hidden.push(...ended);
    }
  }
  return { shown, hidden };
}

function runs({ state }: KnownLog): boolean {
  return state !== "ended";
}

function groups<Log>(logs: readonly Log[], keyOf: (log: Log) => string): Log[][] {
  const found = new Map<string, Log[]>();
  for (const log of logs) found.set(keyOf(log), [...(found.get(keyOf(log)) ?? []), log]);
  return [...found.values()];
}
