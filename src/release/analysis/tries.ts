import type { Look } from "../../model/metric.ts";
import type { LedgerEvent } from "../../model/ledger.ts";
import type { EventPayloads } from "../journal.ts";

/**
 * The looks that were written down of one analysis, try by try: one that was cut off, or that a person sent on looking, is
 * begun again. Pure.
 * @param events of one deployment, in order
 * @param index the analysis' place in the plan
 */
export function triesOf(events: readonly LedgerEvent[], index: number): readonly (readonly Look[])[] {
  const tries: Look[][] = [];
  for (const { type, payload } of events) {
    const { index: at, wayBack, look } = payload as unknown as EventPayloads;
    if (at !== index || wayBack) continue;
    if (type === "operation-started") tries.push([]);
    // What was written without an answer was written again.
    const isKnown = tries.at(-1)?.at(-1)?.at === look?.at;
    if (type === "analysis-looked" && look !== undefined && !isKnown) tries.at(-1)?.push(look);
  }
  return tries;
}

/** What these tries have spent together of each limit's alpha, in the order of the operation's limits. */
export function spentBy(tries: readonly (readonly Look[])[], limits: number): readonly number[] {
  return Array.from({ length: limits }, (_, limit) =>
    tries.reduce((sum, looks) => sum + (looks.at(-1)?.spent[limit] ?? 0), 0),
  );
}
