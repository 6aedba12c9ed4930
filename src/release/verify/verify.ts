import type { LedgerEvent } from "../../model/ledger.ts";
import { countedApprovals } from "./approvals.ts";
import { chainFindings } from "./chain.ts";
import { deploymentFindings } from "./deployments.ts";
import { eventName, type Finding } from "./finding.ts";

export { contentFinding } from "./chain.ts";
export { deploymentFindings } from "./deployments.ts";
export { eventName, type Finding } from "./finding.ts";

/** What was found when a ledger was gone through from its first event to its last. */
export interface LedgerProof {
  readonly findings: readonly Finding[];
  /** How much was looked at. */
  readonly events: number;
  readonly deployments: number;
  readonly plans: number;
  readonly approvals: number;
  readonly operations: number;
  /** Null for an empty ledger. */
  readonly head: Pick<LedgerEvent, "sequence" | "hash" | "at"> | null;
  /** The event that was expected to be there; null when none was named. */
  readonly expected: Pick<LedgerEvent, "sequence" | "hash"> | null;
}

/**
 * Proves a ledger unbroken. Pure.
 * @param events all of one ledger, in order
 * @param expectedHead a hash that it ended with earlier: a chain cannot see by itself that its end was cut off
 */
export function verifyLedger(events: readonly LedgerEvent[], expectedHead = ""): LedgerProof {
  const expected = events.find(({ hash }) => hash === expectedHead) ?? null;
  const cut: Finding[] = expectedHead === "" || expected !== null ? [] : [cutOff(events, expectedHead)];
  const started = events.filter(({ type }) => type === "deployment-started");
  const last = events.at(-1);
  return {
    findings: [...chainFindings(events), ...cut, ...deploymentFindings(events)],
    events: events.length,
    deployments: started.length,
    plans: events.filter(({ type }) => type === "deployment-started" || type === "deployment-held").length,
    approvals: started.flatMap(countedApprovals).length,
    operations: events.filter(({ type }) => type.startsWith("operation-")).length,
    head: last === undefined ? null : { sequence: last.sequence, hash: last.hash, at: last.at },
    expected: expected === null ? null : { sequence: expected.sequence, hash: expected.hash },
  };
}

function cutOff(events: readonly LedgerEvent[], hash: string): Finding {
  const last = events.at(-1);
  const ends = last === undefined ? "it is empty" : `it ends with ${eventName(last)}, ${last.hash}`;
  return {
    code: "LEDGER_BROKEN",
    place: "the ledger's end",
    why: `no event has the hash ${hash}: the end was cut off, or this is another ledger; ${ends}`,
  };
}
