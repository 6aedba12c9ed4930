import type { LedgerEvent } from "../../model/ledger.ts";

/** One thing that is not what it must be. */
export interface Finding {
  readonly code:
    | "LEDGER_BROKEN"
    | "PLAN_ALTERED"
    | "APPROVAL_ALTERED"
    | "VERDICT_ALTERED"
    /** Nothing is wrong that is known: another version of Fairway can tell. */
    | "VERDICT_UNCHECKED";
  /** What is concerned: `event 12 (operation-finished of local-1)`. */
  readonly place: string;
  readonly why: string;
}

export function eventName({ sequence, type, deployment }: LedgerEvent): string {
  return `event ${String(sequence)} (${type}${deployment === null ? "" : ` of ${deployment}`})`;
}

export type Fields = Readonly<Record<string, unknown>>;

/** What is verified may hold anything: nothing about its shape is taken for granted. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function fieldsOf({ payload }: LedgerEvent): Fields {
  return isFields(payload) ? payload : {};
}

export function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}
