import type { LedgerEvent } from "../../model/ledger.ts";
import { approvalFindings } from "./approvals.ts";
import { eventName, fieldsOf, isFields, listOf, type Fields, type Finding } from "./finding.ts";
import { operationFindings, planFindings } from "./plans.ts";
import { verdictFindings } from "./verdicts.ts";

/**
 * Whether each deployment did what its plan says, with the consent that the plan asks for. Also for the events of one
 * deployment alone, as a record has them.
 */
export function deploymentFindings(events: readonly LedgerEvent[]): readonly Finding[] {
  const bySequence = new Map(events.map((event) => [event.sequence, event]));
  const held = events.filter(({ type }) => type === "deployment-held").flatMap(planFindings);
  const own = new Map<string, LedgerEvent[]>();
  for (const event of events) {
    if (event.deployment === null) continue;
    const list = own.get(event.deployment);
    if (list === undefined) own.set(event.deployment, [event]);
    else list.push(event);
  }
  return [...held, ...[...own].flatMap(([id, list]) => findingsOf(id, list, bySequence))];
}

function findingsOf(
  id: string,
  events: readonly LedgerEvent[],
  bySequence: ReadonlyMap<number, LedgerEvent>,
): readonly Finding[] {
  const [first] = events;
  const starts = events.filter(({ type }) => type === "deployment-started");
  const [started] = starts;
  if (started === undefined || first !== started || starts.length > 1) {
    const why = starts.length > 1 ? "it was started twice" : "it has events from before its start";
    return [{ code: "LEDGER_BROKEN", place: id, why }];
  }
  const elsewhere = events.find(({ environment }) => environment !== started.environment);
  if (elsewhere !== undefined) {
    const why = `it is of ${elsewhere.environment}, and ${id} is of ${started.environment}`;
    return [{ code: "LEDGER_BROKEN", place: eventName(elsewhere), why }];
  }
  const ofPlan = planFindings(started);
  // What is in a plan that is not the one that was made, proves nothing; but its approvals are for the one that was.
  const { plan } = fieldsOf(started);
  if (!isFields(plan)) return ofPlan;
  return [
    ...ofPlan,
    ...(ofPlan.length > 0 ? [] : operationFindings(plan, events)),
    ...gateFindings(plan, started),
    ...approvalFindings(started, bySequence),
    ...worldFindings(plan, started, bySequence),
    ...verdictFindings(events),
  ];
}

/** Each gate that the plan names was open, or is one that its emergency passes by. */
function gateFindings(plan: Fields, started: LedgerEvent): readonly Finding[] {
  const { gates } = fieldsOf(started);
  const judged = new Map(listOf(gates).map(({ gate, state }) => [gate, String(state)]));
  return listOf(plan["gates"])
    .filter(({ gate, skipped }) => judged.get(gate) !== (skipped === true ? "skipped" : "open"))
    .map(({ gate }) => ({
      code: "LEDGER_BROKEN",
      place: eventName(started),
      why: `it was started while its gate ${String(gate)} was ${judged.has(gate) ? String(judged.get(gate)) : "not judged"}`,
    }));
}

/** A plan names the last event that changed what runs: it was made for this ledger and no other. */
function worldFindings(
  { after }: Fields,
  started: LedgerEvent,
  bySequence: ReadonlyMap<number, LedgerEvent>,
): readonly Finding[] {
  if (!isFields(after)) return [];
  const event = bySequence.get(Number(after["sequence"]));
  if (event === undefined || event.hash === after["hash"]) return [];
  return [
    {
      code: "LEDGER_BROKEN",
      place: eventName(event),
      why: `the plan of ${started.deployment ?? "a deployment"} was made when it had the hash ${String(after["hash"])}, and it has ${event.hash}`,
    },
  ];
}
