import type { Json } from "../model/canonical-json.ts";
import type { LedgerProof } from "../release/verify/verify.ts";
import type { RecordProof } from "./record/record.ts";
import { indent, table } from "./text.ts";

/** A ledger that was gone through, and whose it is. */
export interface VerifiedLedger {
  /** The environments that write into it. */
  readonly environments: readonly string[];
  readonly kind: string;
  readonly proof: LedgerProof;
}

/** What holds, and what nobody could look at. */
export function verifyText(ledgers: readonly VerifiedLedger[], record: RecordProof | null): string {
  return [...(record === null ? [] : [recordText(record)]), ...ledgers.map(ledgerText)].join("\n\n");
}

export function verifyJson(ledgers: readonly VerifiedLedger[], record: RecordProof | null): Json {
  return {
    ledgers: ledgers.map(({ environments, kind, proof }) => ({
      environments,
      kind,
      ...proof,
    })) as unknown as Json,
    record: record as unknown as Json,
  };
}

function ledgerText({ environments, kind, proof }: VerifiedLedger): string {
  const { events, deployments, plans, approvals, operations, head, expected } = proof;
  const name = `the ledger of ${environments.join(", ")} (${kind})`;
  if (head === null) return `${name} is empty: it proves nothing`;
  const unproven = [
    ...(approvals > 0 ? ["whose the keys are: that is in the signers file, not in the ledger"] : []),
    ...(expected === null
      ? [
          "that nothing was cut off at its end: a chain cannot see that. Keep the head elsewhere, or a change record,",
          "and give it next time: --head, or --record",
        ]
      : []),
  ];
  return [
    `${name} is unbroken`,
    indent(
      table([
        ["events", `${String(events)}, each bound to the one before it`],
        ["deployments", String(deployments)],
        ["plans", `${String(plans)}, each what its hash says`],
        ["operations", `${String(operations)} events, each of its plan`],
        ["approvals", `${String(approvals)} that were counted, each signed over its plan`],
        ...(expected === null
          ? []
          : [["still there", `event ${String(expected.sequence)}, ${expected.hash}`]]),
        ["head", `event ${String(head.sequence)}, ${head.hash}`],
      ]),
    ),
    ...(unproven.length > 0 ? [indent(["not proven by it:", indent(unproven.join("\n"))].join("\n"))] : []),
  ].join("\n");
}

/** Also for a record that is not proven: what could be looked at is said before what could not. */
export function recordText({ change, digest, proven, unproven }: RecordProof): string {
  return [
    `the record of ${change} (${digest}) ${unproven.length > 0 ? "agrees with itself" : "is what the ledger says"}`,
    indent(proven.join("\n")),
    ...(unproven.length > 0 ? [indent(["not proven:", indent(unproven.join("\n"))].join("\n"))] : []),
  ].join("\n");
}
