import type { DatabaseUses } from "../../model/plan.ts";
import type { Use, Uses } from "../review/situation.ts";

/** A release that is live, or that somebody may go back to. */
export interface UsingRelease {
  /** `1.4.0 (live)`: what people are told. */
  readonly label: string;
  /** Null where nobody recorded it. */
  readonly uses: DatabaseUses | null;
}

/** What is used by any of them. Without any release nothing is. */
export function usesOf(releases: readonly UsingRelease[]): Uses {
  return {
    table: (table) => among(releases, (uses) => Object.hasOwn(uses.tables, table), [table]),
    column: (table, column) =>
      among(releases, (uses) => own(uses.tables, table).includes(column), [table, `${table}.${column}`]),
    type: (type) => among(releases, ({ types }) => types.includes(type), [type]),
  };
}

/** What is used in any of several places. */
export function usesInAny(places: readonly Uses[]): Uses {
  const inAny = (ask: (uses: Uses) => Use): Use => {
    const answers = places.map(ask);
    const state = (["used", "unknown"] as const).find((each) =>
      answers.some((answer) => answer.state === each),
    );
    const by = answers.filter((answer) => answer.state === state).flatMap((answer) => answer.by);
    return { state: state ?? "unused", by: [...new Set(by)] };
  };
  return {
    table: (table) => inAny((uses) => uses.table(table)),
    column: (table, column) => inAny((uses) => uses.column(table, column)),
    type: (type) => inAny((uses) => uses.type(type)),
  };
}

function among(
  releases: readonly UsingRelease[],
  declares: (uses: DatabaseUses) => boolean,
  sqlNames: readonly string[],
): Use {
  const by = releases.filter(
    ({ uses }) =>
      uses !== null && (declares(uses) || sqlNames.some((name) => uses.sql?.includes(name) === true)),
  );
  if (by.length > 0) return { state: "used", by: by.map(({ label }) => label) };
  const silent = releases.filter(({ uses }) => uses === null || uses.sql === null);
  return silent.length > 0
    ? { state: "unknown", by: silent.map(({ label }) => label) }
    : { state: "unused", by: [] };
}

function own(tables: DatabaseUses["tables"], table: string): readonly string[] {
  return Object.hasOwn(tables, table) ? (tables[table] ?? []) : [];
}
