import type { LedgerEvent } from "../../model/ledger.ts";
import {
  approvalEventType,
  approvalNamespace,
  readApproval,
  verifySshSignature,
} from "../gates/approvals/approvals.ts";
import { eventName, fieldsOf, isFields, listOf, type Fields, type Finding } from "./finding.ts";

/** The approvals that a deployment was started with. */
export function countedApprovals(started: LedgerEvent): readonly Fields[] {
  const { gates } = fieldsOf(started);
  return listOf(gates).flatMap(({ approvals }) => (isFields(approvals) ? listOf(approvals["counted"]) : []));
}

/**
 * Whether what was counted at a start is there, signed by the keys that were recorded, over this very plan, and good at
 * that moment; whether the signers file of that start gives each key to whom it was counted for; and whether it was enough.
 */
export function approvalFindings(
  started: LedgerEvent,
  events: ReadonlyMap<number, LedgerEvent>,
): readonly Finding[] {
  const { plan, planHash, signers } = fieldsOf(started);
  if (!isFields(plan)) return [];
  const counted = countedApprovals(started);
  const each = counted.flatMap((approval): Finding[] => {
    const event = events.get(Number(approval["sequence"]));
    const why = whyNot(approval, event, { started, plan, planHash }) ?? notTheirs(approval, signers);
    if (why === null) return [];
    const place = `approval of ${started.deployment ?? "a deployment"} by ${String(approval["who"])}`;
    return [
      { code: "APPROVAL_ALTERED", place: event === undefined ? place : `${place}, ${eventName(event)}`, why },
    ];
  });
  const short = shortage(plan, counted);
  if (short === null) return each;
  return [...each, { code: "APPROVAL_ALTERED", place: eventName(started), why: short }];
}

function notTheirs({ who, fingerprint }: Fields, signers: unknown): string | null {
  if (signers === undefined) return null;
  const lines = isFields(signers) ? listOf(signers["signers"]) : [];
  return namesOfKey(String(fingerprint), lines).has(String(who))
    ? null
    : `the signers file does not give the key ${String(fingerprint)} to ${String(who)}`;
}

/** Lines that share a name are of one person, who has the keys of them all. */
function namesOfKey(fingerprint: string, lines: readonly Fields[]): ReadonlySet<string> {
  const namesIn = ({ names }: Fields) => (Array.isArray(names) ? names.map(String) : []);
  const names = new Set(
    lines.filter(({ key }) => isFields(key) && key["fingerprint"] === fingerprint).flatMap(namesIn),
  );
  for (let known = -1; known < names.size;) {
    known = names.size;
    for (const line of lines) {
      if (namesIn(line).some((name) => names.has(name))) namesIn(line).forEach((name) => names.add(name));
    }
  }
  return names;
}

function whyNot(
  approval: Fields,
  event: LedgerEvent | undefined,
  {
    started,
    plan,
    planHash,
  }: { readonly started: LedgerEvent; readonly plan: Fields; readonly planHash: unknown },
): string | null {
  if (event?.type !== approvalEventType || event.sequence >= started.sequence) {
    return `event ${String(approval["sequence"])}, which holds it, is no approval from before the start`;
  }
  const reading = readApproval(event.payload);
  if (!reading.ok) return reading.why;
  const { statement, envelope } = reading;
  const signature = verifySshSignature(envelope.signature, envelope.statement, approvalNamespace);
  if (!signature.ok) return signature.why;
  const expected: readonly [what: string, is: unknown, recorded: unknown][] = [
    ["decides", statement.decision, "approve"],
    ["is for the plan", statement.planHash, planHash],
    ["is for the pipeline", statement.pipeline, plan["pipeline"]],
    ["is for the environment", statement.environment, plan["environment"]],
    ["is signed with the key", signature.key.fingerprint, approval["fingerprint"]],
    ["expires at", statement.expiresAt, approval["expiresAt"]],
    ["was recorded at", event.at, approval["when"]],
    ["gives the reason", statement.reason, approval["reason"]],
  ];
  const other = expected.find(([, is, recorded]) => is !== recorded);
  if (other !== undefined)
    return `it ${other[0]} ${String(other[1])}, and was counted as ${String(other[2])}`;
  if (!(Date.parse(statement.expiresAt) > Date.parse(started.at) - clockStep)) {
    return `it had expired at ${statement.expiresAt}, before the start at ${started.at}`;
  }
  return null;
}

/** The gates are judged a moment before the start is written down. */
const clockStep = 60_000;

/** Whether it was enough, by the rules that the plan itself names. */
function shortage(plan: Fields, counted: readonly Fields[]): string | null {
  const gate = listOf(plan["gates"]).find((one) => one["gate"] === "approvals" && one["skipped"] !== true);
  if (gate === undefined || !isFields(gate["asks"])) return null;
  const { required, needs, excludeAuthors } = gate["asks"];
  const people = new Set(counted.map(({ who }) => String(who).toLowerCase()));
  const keys = new Set(counted.map(({ fingerprint }) => fingerprint));
  if (people.size < counted.length || keys.size < counted.length) return "somebody was counted twice";
  if (counted.length < Number(required)) {
    return `the plan asks for ${String(required)} approvals, and ${String(counted.length)} were counted`;
  }
  const lacking = listOf(needs).find(
    (need) => counted.filter(({ group }) => group === need["group"]).length < Number(need["count"]),
  );
  if (lacking !== undefined) return `too few of ${String(lacking["group"])} were counted`;
  const author = excludeAuthors === true ? authorsOf(plan).find((email) => people.has(email)) : undefined;
  return author === undefined ? null : `${author} was counted, who wrote commits of the plan`;
}

function authorsOf({ changes }: Fields): readonly string[] {
  const commits = isFields(changes) ? listOf(changes["commits"]) : [];
  return commits
    .flatMap(({ author, coAuthors }) => [author, ...listOf(coAuthors)])
    .flatMap((one) =>
      isFields(one) && typeof one["email"] === "string" ? [one["email"].toLowerCase()] : [],
    );
}
