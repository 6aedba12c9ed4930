import { canonicalJson, hashOf, type Json } from "../../model/canonical-json.ts";
import type { LedgerEvent } from "../../model/ledger.ts";
import { contentFinding, deploymentFindings, eventName, type Finding } from "../../release/verify/verify.ts";
import { deriveRecord } from "./derive.ts";
import { changeRecordType } from "../../model/change-record.ts";
import { recordStatement, statementType, type RecordStatement } from "./statement.ts";

/** What a record proves. */
export interface RecordProof {
  /** The deployment; null where it cannot be read. */
  readonly change: string | null;
  readonly environment: string | null;
  readonly digest: string | null;
  readonly findings: readonly RecordFinding[];
  /** What was found to hold. */
  readonly proven: readonly string[];
  /** What nobody could look at, and why. Not empty: the record is not proven. */
  readonly unproven: readonly string[];
}

export interface RecordFinding {
  readonly code: "RECORD_ALTERED" | Finding["code"];
  readonly place: string;
  readonly why: string;
}

export type RecordReading =
  { readonly ok: true; readonly statement: RecordStatement } | { readonly ok: false; readonly why: string };

/** Reads a record as `fairway record --format json` wrote it; in one spelling only, so that no byte of it is without meaning. */
export function readRecord(text: string): RecordReading {
  const refused = (why: string): RecordReading => ({ ok: false, why });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return refused(`it is not JSON: ${(error as Error).message}`);
  }
  const { _type, predicateType, predicate } = (value ?? {}) as Partial<RecordStatement>;
  if (_type !== statementType) return refused(`its _type is ${shown(_type)}, not ${statementType}`);
  if (predicateType !== changeRecordType) {
    return refused(
      `its predicateType is ${shown(predicateType)}, and this version of Fairway reads ${changeRecordType}`,
    );
  }
  const { change, environment, events, ledger } = (predicate ?? {}) as Partial<RecordStatement["predicate"]>;
  if (typeof change !== "string" || typeof environment !== "string") return refused("it names no change");
  if (typeof ledger?.firstHash !== "string") return refused("it does not say which ledger it is from");
  if (!Array.isArray(events) || events.length === 0 || !events.every(isEvent)) {
    return refused("it has no events to prove it");
  }
  const spelling = canonicalJson(value as Json);
  if (spelling !== text.trim()) {
    const given = text.trim();
    let at = 0;
    while (spelling[at] === given[at]) at += 1;
    return refused(`character ${String(at + 1)} is not what the one spelling of JSON has there (RFC 8785)`);
  }
  return { ok: true, statement: value as RecordStatement };
}

function isEvent(event: unknown): boolean {
  const { sequence, type, payload, hash } = (event ?? {}) as Partial<LedgerEvent>;
  return (
    Number.isSafeInteger(sequence) &&
    typeof type === "string" &&
    typeof hash === "string" &&
    typeof payload === "object"
  );
}

/**
 * Whether a record says what its own events say, and whether these stand in the ledger.
 * @param ledger all of its events; or why it cannot be looked at
 */
export function proveRecord(
  statement: RecordStatement,
  ledger: readonly LedgerEvent[] | { readonly unreachable: string },
): RecordProof {
  const { change, environment, digest, events } = statement.predicate;
  const alone = [...digestFindings(statement), ...eventFindings(events), ...derivedFindings(statement)];
  const own = [
    ...alone,
    // What was altered on the way is no proof of anything else.
    ...(alone.length > 0
      ? []
      : deploymentFindings(events).map(({ place, ...rest }) => ({ place: `record, ${place}`, ...rest }))),
  ];
  const { findings, unproven } = inLedger(statement, ledger);
  return {
    change,
    environment,
    digest,
    findings: [...own, ...findings],
    proven:
      own.length > 0
        ? []
        : [
            `its digest is that of its content`,
            `each of its ${String(events.length)} events is what its hash says`,
            "all that it says follows from these events",
            "the plan is what its hash says, and the approvals that were counted are signed for it",
            ...(findings.length + unproven.length > 0
              ? []
              : ["its events stand in the ledger, with the same hashes"]),
          ],
    unproven,
  };
}

function digestFindings(statement: RecordStatement): RecordFinding[] {
  const { digest, ...predicate } = statement.predicate;
  const is = hashOf({ ...statement, predicate } as unknown as Json);
  if (is === digest) return [];
  return [
    {
      code: "RECORD_ALTERED",
      place: "record",
      why: `its content has the digest ${is}, and it says ${digest}`,
    },
  ];
}

function eventFindings(events: readonly LedgerEvent[]): RecordFinding[] {
  return events.flatMap((event): RecordFinding[] => {
    const why = contentFinding(event);
    return why === null ? [] : [{ code: "RECORD_ALTERED", place: `record, ${eventName(event)}`, why }];
  });
}

/** Whether the statement is what would be derived from its events. */
function derivedFindings(statement: RecordStatement): RecordFinding[] {
  const { change, events, ledger } = statement.predicate;
  const altered = (why: string): RecordFinding => ({ code: "RECORD_ALTERED", place: "record", why });
  let derived: RecordStatement;
  try {
    const record = deriveRecord(events, change, ledger.firstHash);
    if (record === null) return [altered(`none of its events starts ${change}`)];
    derived = recordStatement(record);
  } catch (error) {
    return [
      altered(
        `nothing can be derived from its events: ${error instanceof Error ? error.message : String(error)}`,
      ),
    ];
  }
  const withoutDigest = (whole: RecordStatement): Json => {
    return { ...whole, predicate: { ...whole.predicate, digest: undefined } } as unknown as Json;
  };
  return differences(withoutDigest(statement), withoutDigest(derived), "").map(({ path, is, derivedAs }) => ({
    code: "RECORD_ALTERED",
    place: `record ${path}`,
    why: `it says ${is}, and its events say ${derivedAs}`,
  }));
}

function inLedger(
  statement: RecordStatement,
  ledger: readonly LedgerEvent[] | { readonly unreachable: string },
): { readonly findings: readonly RecordFinding[]; readonly unproven: readonly string[] } {
  const what = "that its events stand in a ledger";
  if ("unreachable" in ledger) return { findings: [], unproven: [`${what}: ${ledger.unreachable}`] };
  const { events } = statement.predicate;
  const [first] = ledger;
  if (first === undefined) return { findings: [], unproven: [`${what}: the ledger here is empty`] };
  if (first.hash !== statement.predicate.ledger.firstHash) {
    const other = `the ledger here is another one: it begins with ${first.hash}, the record's with ${statement.predicate.ledger.firstHash}`;
    return { findings: [], unproven: [`${what}: ${other}`] };
  }
  const bySequence = new Map(ledger.map((event) => [event.sequence, event]));
  const findings = events.flatMap((event): RecordFinding[] => {
    const there = bySequence.get(event.sequence);
    if (there?.hash === event.hash) return [];
    const last = ledger.at(-1)!;
    return [
      there === undefined
        ? {
            code: "LEDGER_BROKEN",
            place: eventName(event),
            why: `the record has it, and the ledger ends with ${eventName(last)}: its end was cut off`,
          }
        : {
            code: "RECORD_ALTERED",
            place: `record, ${eventName(event)}`,
            why: `it has the hash ${event.hash}, and in the ledger ${there.hash}`,
          },
    ];
  });
  // In a ledger that is another one from there on, nothing more can be looked up.
  return { findings: findings.length > 0 ? findings : leftOut(statement, ledger), unproven: [] };
}

/** A record may be older than the last event of its deployment; but up to its own last it leaves out nothing. */
function leftOut(statement: RecordStatement, ledger: readonly LedgerEvent[]): RecordFinding[] {
  const { change, events } = statement.predicate;
  const has = new Set(events.map(({ sequence }) => sequence));
  const until = Math.max(...has);
  const whole = deriveRecord(
    ledger.filter(({ sequence }) => sequence <= until),
    change,
    statement.predicate.ledger.firstHash,
  );
  return (whole?.events ?? [])
    .filter(({ sequence }) => !has.has(sequence))
    .map((event) => ({
      code: "RECORD_ALTERED",
      place: eventName(event),
      why: "the ledger has it, and the record leaves it out",
    }));
}

function differences(
  one: Json | undefined,
  other: Json | undefined,
  path: string,
): { readonly path: string; readonly is: string; readonly derivedAs: string }[] {
  if (one === undefined && other === undefined) return [];
  if (one !== undefined && other !== undefined && canonicalJson(one) === canonicalJson(other)) return [];
  if (isObject(one) && isObject(other) && Array.isArray(one) === Array.isArray(other)) {
    const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])].sort();
    return keys.flatMap((key) =>
      differences(
        one[key],
        other[key],
        Array.isArray(one) ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`,
      ),
    );
  }
  return [{ path, is: shown(one), derivedAs: shown(other) }];
}

function isObject(value: Json | undefined): value is Readonly<Record<string, Json | undefined>> {
  return typeof value === "object" && value !== null;
}

function shown(value: Json | undefined): string {
  if (value === undefined) return "nothing";
  const text = canonicalJson(value);
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}
