import { join, relative } from "node:path";
import type { Clock } from "../../model/clock.ts";
import { failure } from "../../model/errors.ts";
import type { Ledger, NewLedgerEvent } from "../../model/ledger.ts";
import type { Plan } from "../../model/plan.ts";
import { lookIntoSqliteLedger } from "../../providers/ledgers/sqlite.ts";
import type { GateJudgement } from "../../release/gates/judge.ts";
import { ledgerMemory, memoryLedger } from "../../testing/testing.ts";
import type { Project } from "../run/project.ts";
import type { Seen } from "./seen.ts";

export interface LedgerOptions {
  readonly project: Project;
  readonly clock: Clock;
  readonly seen: Seen;
  /** Whether all that the call does follows from what is in the ledger. */
  readonly isAllOfIt: boolean;
}

/**
 * The ledgers of a call that is only explained. The file of this machine is read, and what would be written to it is told; one
 * that is elsewhere is not asked, and taken to be empty where a call has something to do without it.
 */
export function explainedLedgers(options: LedgerOptions): (name: string, kind: string) => Promise<Ledger> {
  const { project, clock, seen, isAllOfIt } = options;
  const path = join(project.state, "ledger.db");
  let file: Promise<Ledger> | undefined;
  const opened = async () => {
    const found = await lookIntoSqliteLedger(path);
    const memory = ledgerMemory();
    memory.events.push(...(found?.events ?? []));
    for (const lease of found?.leases ?? []) memory.leases.set(lease.environment, lease);
    const where = relative(project.repository, path);
    return told(memoryLedger(clock, memory), `${where}${found === null ? ", which is not there yet" : ""}`);
  };
  const told = (memory: Ledger, where: string): Ledger => ({
    ...memory,
    read: async (filter) => {
      seen.looksAt(`read the ledger${of(filter?.environment)}: ${where}`);
      return memory.read(filter);
    },
    append: async (event, lease) => {
      note(event, seen);
      return memory.append(event, lease);
    },
  });
  return async (environment, kind) => {
    if (kind === "sqlite") return (file ??= opened());
    if (isAllOfIt) {
      seen.looksAt(`read the ledger of ${environment}: ${kind}, which is not asked`);
      throw elsewhere(environment, kind);
    }
    seen.assume(
      `what is in the ledger of ${environment} (${kind})`,
      "nothing is taken to have been deployed there",
    );
    return told(memoryLedger(clock), `${kind}, which is not asked`);
  };
}

/** @throws where what comes after it is an effect */
function note({ environment, deployment, type, payload }: NewLedgerEvent, seen: Seen): void {
  seen.change(`write to the ledger of ${environment}: ${type}${deployment === null ? "" : ` ${deployment}`}`);
  if (type !== "deployment-started" && type !== "deployment-held") return;
  seen.plan = payload as unknown as { readonly plan: Plan; readonly gates: readonly GateJudgement[] };
  if (type === "deployment-started")
    throw seen.end("the operations of its plan are listed, and none of them is carried out");
}

function elsewhere(environment: string, kind: string): Error {
  return failure(
    `the ledger of ${environment} is kept in ${kind} and is not read where a call is only explained, and what it would do follows from that`,
    { code: "EXPLAIN_LEDGER", place: "fairway.yaml ledger" },
  );
}

function of(environment: string | undefined): string {
  return environment === undefined ? "" : ` of ${environment}`;
}
