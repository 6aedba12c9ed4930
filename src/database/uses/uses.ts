import type { DatabaseUses } from "../../model/plan.ts";
import { withSchemaOf } from "../review/schema/names.ts";
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
    table: (table) =>
      among(releases, table, {
        declared: (uses, name) => Object.hasOwn(uses.tables, name),
        written: (name, said) => said === name || said.startsWith(`${name}.`),
      }),
    column: (table, column) =>
      among(releases, table, {
        declared: (uses, name) => own(uses.tables, name).includes(column),
        written: (name, said) => said === name || said === `${name}.${column}`.toLowerCase(),
      }),
    type: (type) =>
      among(releases, type, {
        declared: ({ types }, name) => types.includes(name),
        written: (name, said) => said === name,
      }),
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

interface Asked {
  /** By the schema of Prisma. */
  readonly declared: (uses: DatabaseUses, name: string) => boolean;
  /** By one of the names that the team lists; both in small letters. */
  readonly written: (name: string, said: string) => boolean;
}

function among(releases: readonly UsingRelease[], name: string, asked: Asked): Use {
  const using = (each: string) =>
    releases.filter(
      ({ uses }) =>
        uses !== null &&
        (asked.declared(uses, each) ||
          uses.sql?.some((said) => asked.written(each.toLowerCase(), asWritten(said))) === true),
    );
  const by = using(name);
  if (by.length > 0) return { state: "used", by: by.map(({ label }) => label) };
  // A name without a schema may mean one in any schema: the search_path of the code says which.
  const bare = withoutSchema(name);
  const doubtful = [
    ...releases.filter(({ uses }) => uses === null || uses.sql === null),
    ...(bare === name ? [] : using(bare)),
  ];
  return doubtful.length > 0
    ? { state: "unknown", by: doubtful.map(({ label }) => label) }
    : { state: "unused", by: [] };
}

/** As the review names things: `public` is left out. People write letters and quotes as they like. */
function asWritten(said: string): string {
  return said
    .trim()
    .replaceAll('"', "")
    .toLowerCase()
    .replace(/^public\./, "");
}

function withoutSchema(name: string): string {
  return name.slice(withSchemaOf(name, "").length);
}

function own(tables: DatabaseUses["tables"], table: string): readonly string[] {
  return Object.hasOwn(tables, table) ? (tables[table] ?? []) : [];
}
