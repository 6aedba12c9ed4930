import { quoted, listed } from "./names.ts";
import type { Change } from "../change.ts";
import type { Rule, RuleSituation } from "./rule.ts";

export const cascade: Rule = {
  id: "cascade",
  severity: "high",
  catches: "DROP ... CASCADE also drops what depends on it, which nobody named",
  why:
    "Foreign keys, views, defaults, functions and columns go too, whichever there are in production; no list is shown before. " +
    "Drop each by its name: without CASCADE the statement fails when something was forgotten.",
  examples: {
    bad: [
      {
        before: "CREATE TABLE orders (id bigint PRIMARY KEY);",
        sql: "DROP TABLE orders CASCADE;",
      },
      { before: "CREATE TYPE state AS ENUM ('open');", sql: "DROP TYPE state CASCADE;" },
      {
        before: "CREATE TABLE users (id int, nick text);",
        sql: "ALTER TABLE users DROP COLUMN nick CASCADE;",
      },
    ],
    good: [{ before: "CREATE TABLE orders (id bigint PRIMARY KEY);", sql: "DROP TABLE orders;" }],
    goodInContext: ["CREATE TABLE draft (id bigint PRIMARY KEY); DROP TABLE draft CASCADE;"],
  },
  check: (change, at) => {
    if (!("cascade" in change) || !change.cascade) return null;
    const found = droppedBy(change, at);
    if (found === null) return null;
    const { name, without, known } = found;
    const also = known.length === 0 ? "" : `: the foreign keys of ${listed(known)} at least`;
    return {
      what: `whatever depends on ${name} is dropped with it${also}`,
      instead: [
        { release: `migrations that drop what depends on ${name}, each by its name` },
        ...(without === null ? [] : [{ sql: without }]),
      ],
    };
  },
};

interface Dropped {
  readonly name: string;
  /** The same without CASCADE. */
  readonly without: string | null;
  /** The tables of which it is known that they lose something. */
  readonly known: readonly string[];
}

/** Null for what is new to live code, and for what has a rule of its own (schemas, TRUNCATE). */
function droppedBy(change: Change, { schema }: RuleSituation): Dropped | null {
  switch (change.kind) {
    case "drop-table":
      return schema.isNew(change.table)
        ? null
        : {
            name: change.table,
            without: `DROP TABLE ${quoted(change.table)};`,
            known: schema.referencing(change.table),
          };
    case "drop-column":
      return schema.isNewColumn(change.table, change.column)
        ? null
        : {
            name: `${change.table}.${change.column}`,
            without: `ALTER TABLE ${quoted(change.table)} DROP COLUMN ${quoted(change.column)};`,
            known: [],
          };
    case "drop-constraint":
      return schema.isNew(change.table)
        ? null
        : {
            name: change.name,
            without: `ALTER TABLE ${quoted(change.table)} DROP CONSTRAINT ${quoted(change.name)};`,
            known:
              schema.constraint(change.table, change.name)?.kind === "check"
                ? []
                : schema.referencing(change.table),
          };
    case "drop-type":
      return schema.isNewType(change.type)
        ? null
        : { name: change.type, without: `DROP TYPE ${quoted(change.type)};`, known: [] };
    case "drop-view":
      return schema.isNewView(change.view)
        ? null
        : {
            name: change.view,
            without: `DROP ${change.materialized ? "MATERIALIZED " : ""}VIEW ${quoted(change.view)};`,
            known: [],
          };
    case "drop-index":
      return { name: change.name, without: `DROP INDEX ${quoted(change.name)};`, known: [] };
    case "drop-sequence":
      return { name: change.sequence, without: `DROP SEQUENCE ${quoted(change.sequence)};`, known: [] };
    case "drop-function":
      return { name: change.name, without: null, known: [] };
    case "drop-extension":
      return { name: change.name, without: `DROP EXTENSION ${quoted(change.name)};`, known: [] };
    default:
      return null;
  }
}
