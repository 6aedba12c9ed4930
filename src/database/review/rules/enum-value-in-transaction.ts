import type { Change, ChangeOf } from "../change.ts";
import { quoted } from "./names.ts";
import type { Rule, RuleSituation } from "./rule.ts";

export const enumValueInTransaction: Rule = {
  id: "enum-value-in-transaction",
  severity: "high",
  catches: "A value is added to an enum and used in the same transaction, which PostgreSQL refuses",
  why:
    "A new value can be used only when the transaction that added it has ended, unless the type is as new. Before " +
    "PostgreSQL 12, ADD VALUE is refused in a transaction altogether.",
  examples: {
    bad: [
      {
        before:
          "CREATE TYPE state AS ENUM ('open'); CREATE TABLE orders (id bigint PRIMARY KEY, state state);",
        sql: "ALTER TYPE state ADD VALUE 'late'; UPDATE orders SET state = 'late' WHERE state IS NULL;",
      },
      {
        before:
          "CREATE TYPE state AS ENUM ('open'); CREATE TABLE orders (id bigint PRIMARY KEY, state state);",
        sql: "ALTER TYPE state ADD VALUE 'late'; ALTER TABLE orders ALTER COLUMN state SET DEFAULT 'late';",
      },
      {
        before: "CREATE TYPE state AS ENUM ('open'); CREATE TABLE orders (id bigint PRIMARY KEY);",
        sql: "ALTER TYPE state ADD VALUE 'late'; ALTER TYPE state ADD VALUE 'lost';",
        postgres: 11,
      },
    ],
    good: [
      {
        before:
          "CREATE TYPE state AS ENUM ('open'); CREATE TABLE orders (id bigint PRIMARY KEY, state state);",
        sql: "ALTER TYPE state ADD VALUE 'late';",
      },
    ],
    goodInContext: [
      "CREATE TYPE state AS ENUM ('open'); ALTER TYPE state ADD VALUE 'late'; CREATE TABLE orders (id bigint, state state DEFAULT 'late');",
      {
        before:
          "CREATE TYPE state AS ENUM ('open'); CREATE TABLE orders (id bigint PRIMARY KEY, state state);",
        sql: "BEGIN; ALTER TYPE state ADD VALUE 'late'; COMMIT; UPDATE orders SET state = 'late' WHERE state IS NULL;",
      },
      {
        before:
          "CREATE TYPE state AS ENUM ('open'); CREATE TABLE orders (id bigint PRIMARY KEY, state state);",
        sql: "ALTER TYPE state ADD VALUE 'late'; ALTER TYPE state ADD VALUE 'lost';",
      },
    ],
  },
  check: (change, at) => {
    if (!at.file.inTransaction) return null;
    if (change.kind === "add-enum-value") {
      if (at.postgres >= 12 || madeHere(change.type, at)) return null;
      return refused(
        change,
        `PostgreSQL ${String(at.postgres)} adds no value to ${change.type} in a transaction`,
      );
    }
    if (!usesValues(change)) return null;
    const used = addedHere(at).find(({ value }) => at.file.mentions(value));
    if (used === undefined) return null;
    return refused(
      used,
      `'${used.value}' of ${used.type} is used in the transaction that adds it, which is refused`,
    );
  },
};

function refused({ type, value }: ChangeOf<"add-enum-value">, what: string): ReturnType<Rule["check"]> {
  return {
    what,
    instead: [
      { sql: `ALTER TYPE ${quoted(type)} ADD VALUE '${value.replaceAll("'", "''")}';`, alone: true },
      { release: "what uses the value, in the migration after it" },
    ],
  };
}

/** The values that the transaction has added so far, but for those of its own types. */
function addedHere(at: RuleSituation): ChangeOf<"add-enum-value">[] {
  const found = inThisTransaction(at).filter((change) => change.kind === "add-enum-value");
  return found.filter(({ type }) => !madeHere(type, at));
}

function madeHere(type: string, at: RuleSituation): boolean {
  return inThisTransaction(at).some((change) => change.kind === "create-type" && change.type === type);
}

function inThisTransaction({ file }: RuleSituation): readonly Change[] {
  const before = file.changes.slice(0, file.position);
  const begun = before.findLastIndex(
    (change) => change.kind === "transaction" && change.action !== "savepoint",
  );
  return before.slice(begun + 1);
}

/** Statements whose literals are values. */
function usesValues({ kind }: Change): boolean {
  return (
    kind === "insert" ||
    kind === "update" ||
    kind === "delete" ||
    kind === "merge" ||
    kind === "select" ||
    kind === "set-default" ||
    kind === "add-column" ||
    kind === "add-constraint" ||
    kind === "create-table" ||
    kind === "create-index"
  );
}
