import { canonicalJson, hashOf, type Json } from "../../model/canonical-json.ts";
import type { LedgerEvent } from "../../model/ledger.ts";
import { eventName, fieldsOf, isFields, listOf, type Fields, type Finding } from "./finding.ts";

/** Whether the plan in an event is the one that its hash names, and is about this environment. */
export function planFindings(event: LedgerEvent): readonly Finding[] {
  const { plan, planHash, release, action } = fieldsOf(event);
  const altered = (why: string): Finding[] => [
    { code: "PLAN_ALTERED", place: `plan in ${eventName(event)}`, why },
  ];
  if (!isFields(plan)) return altered("there is none");
  const is = hashOf(plan as unknown as Json);
  if (is !== planHash) return altered(`it has the hash ${is}, and the event says ${String(planHash)}`);
  if (plan["environment"] !== event.environment) {
    return altered(`it is for ${String(plan["environment"])}, and the event is of ${event.environment}`);
  }
  if (release !== undefined && !same(release, plan["release"])) {
    return altered("it releases something else than the event says");
  }
  if (action !== undefined && action !== plan["action"]) {
    return altered(`it is a ${String(plan["action"])}, and the event says ${canonicalJson(action as Json)}`);
  }
  return policyFindings(event, plan);
}

/** Whether the rules and signers that are written beside a plan are those that it names. */
function policyFindings(event: LedgerEvent, plan: Fields): readonly Finding[] {
  const { policy, signers } = fieldsOf(event);
  // Beside a plan that was only held there are none.
  if (signers === undefined || !isFields(plan["policy"])) return [];
  const is = hashOf({ policy, signers } as Json);
  const named = plan["policy"]["hash"];
  if (is === named) return [];
  const why = `its policy and signers have the hash ${is}, and the plan names ${String(named)}`;
  return [{ code: "PLAN_ALTERED", place: `policy in ${eventName(event)}`, why }];
}

/** Whether what was done is what was planned. */
export function operationFindings(plan: Fields, events: readonly LedgerEvent[]): readonly Finding[] {
  const planned = listOf(plan["operations"]);
  const finished = new Set<number>();
  return events.flatMap((event): Finding[] => {
    const broken = (why: string): Finding[] => [{ code: "LEDGER_BROKEN", place: eventName(event), why }];
    if (event.type === "deployment-succeeded") {
      const missing = planned.findIndex((_, index) => !finished.has(index));
      return missing < 0
        ? []
        : broken(`it succeeded, but operation ${String(missing + 1)} of its plan was never finished`);
    }
    if (!event.type.startsWith("operation-")) return [];
    const { index, operation, wayBack } = fieldsOf(event);
    if (wayBack === true)
      return startsOther(plan, operation) ? broken("on its way back it starts what was not live before") : [];
    const number = Number(index);
    if (!same(operation, planned[number])) {
      return broken(`operation ${String(number + 1)} of its plan is another one`);
    }
    if (event.type === "operation-finished") finished.add(number);
    return [];
  });
}

/** The way back follows what runs, not the plan; but it leads nowhere else than to where it came from. */
function startsOther({ from }: Fields, operation: unknown): boolean {
  if (!isFields(operation)) return false;
  const { kind, percent } = operation;
  const starts = ["replace-replica", "start-beside", "take-over"].includes(String(kind));
  // To take visitors away from something is no start of it.
  if (!starts && (kind !== "set-weight" || percent === 0)) return false;
  return !isFields(from) || operation["version"] !== from["version"];
}

function same(one: unknown, other: unknown): boolean {
  if (one === undefined || other === undefined) return one === other;
  return canonicalJson(one as Json) === canonicalJson(other as Json);
}
