import { join } from "node:path";
import { expect } from "vitest";
import { systemClock } from "../../../src/model/clock.ts";
import type { LedgerEvent } from "../../../src/model/ledger.ts";
import { openSqliteLedger } from "../../../src/providers/ledgers/sqlite.ts";
import type { Repository } from "./repository.ts";

/** What stops a deploy, before anything changed. */
export interface Refusal {
  readonly what: string;
  readonly break: (repository: Repository) => Promise<void>;
  readonly args?: readonly string[];
  readonly exitCode: number;
  readonly says: readonly (string | RegExp)[];
}

/** What must be the same afterwards: each event of the ledger, and each process that serves. */
export interface Live {
  readonly events: readonly LedgerEvent[];
  readonly observed: unknown;
}

export async function liveIn(repository: Repository): Promise<Live> {
  return { events: await eventsOf(repository), observed: await observedIn(repository) };
}

/** Breaks a repository that is live, deploys it, and takes the breach back. */
export async function expectRefusal(repository: Repository, refusal: Refusal, before: Live): Promise<void> {
  expect(before.events.at(-1)?.type, "it is live").toBe("deployment-succeeded");
  await refusal.break(repository);
  repository.commit("Break it");
  try {
    const run = await repository.fairway(...(refusal.args ?? ["deploy", "--env", "local"]));
    expect(run.exitCode, run.output).toBe(refusal.exitCode);
    for (const text of refusal.says) expect(run.output).toMatch(text);
  } finally {
    repository.undo();
  }
  expect(await liveIn(repository)).toEqual(before);
}

async function eventsOf(repository: Repository) {
  const ledger = await openSqliteLedger(join(repository.path, ".fairway/ledger.db"), systemClock);
  try {
    return await ledger.read();
  } finally {
    await ledger.close();
  }
}

/** Process ids, versions and states. */
async function observedIn(repository: Repository): Promise<unknown> {
  const { stdout } = await repository.fairway("status", "--env", "local", "--json");
  const [{ observed }] = JSON.parse(stdout) as [{ observed: unknown }];
  return observed;
}
