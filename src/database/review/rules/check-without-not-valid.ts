import type { Change } from "../change.ts";
import { named, quoted } from "./names.ts";
import type { Rule, RuleSituation, SafeStep } from "./rule.ts";
import { addedColumn } from "./unique-without-index.ts";

export const checkWithoutNotValid: Rule = {
  id: "check-without-not-valid",
  severity: "high",
  catches: "A check is added, and nobody can read or write the table until all rows are looked at",
  why:
    "ADD CHECK takes ACCESS EXCLUSIVE and looks at each row, also in the definition of a new column. With NOT VALID it is " +
    "instant and counts for new rows; VALIDATE CONSTRAINT looks at the others later, and stops no read and no write.",
  examples: {
    bad: [
      {
        before: "CREATE TABLE orders (id bigint PRIMARY KEY, total int);",
        sql: "ALTER TABLE orders ADD CONSTRAINT orders_total_check CHECK (total >= 0);",
      },
      {
        before: "CREATE TABLE orders (id bigint PRIMARY KEY);",
        sql: "ALTER TABLE orders ADD COLUMN total int CHECK (total >= 0);",
      },
      {
        before: "CREATE TABLE orders (id bigint PRIMARY KEY, total int);",
        sql: "ALTER TABLE orders ADD CONSTRAINT orders_total_not_null NOT NULL total;",
        postgres: 18,
      },
    ],
    good: [
      {
        before: "CREATE TABLE orders (id bigint PRIMARY KEY, total int);",
        sql: "ALTER TABLE orders ADD CONSTRAINT orders_total_check CHECK (total >= 0) NOT VALID;",
      },
    ],
    goodInContext: [
      "CREATE TABLE draft (total int); ALTER TABLE draft ADD CONSTRAINT draft_total_check CHECK (total >= 0);",
    ],
  },
  check: (change, at) => {
    const found = checkOf(change, at);
    if (found === null) return null;
    const { table, columns, sql, name, added } = found;
    const what = `nobody can read or write ${table} while each row is looked at for ${name}`;
    const add: SafeStep =
      sql === null
        ? { release: `the same ADD CONSTRAINT ${name} with NOT VALID` }
        : { sql: `ALTER TABLE ${quoted(table)} ADD CONSTRAINT ${quoted(name)} ${sql} NOT VALID;` };
    return {
      what: columns.length === 0 ? what : `${what} (${columns.join(", ")})`,
      instead: [...added, add, { sql: `ALTER TABLE ${quoted(table)} VALIDATE CONSTRAINT ${quoted(name)};` }],
    };
  },
};

interface FoundCheck {
  readonly table: string;
  readonly columns: readonly string[];
  readonly name: string;
  /** `CHECK (total >= 0)`; null where it is too long a story. */
  readonly sql: string | null;
  /** The column without its check, where it is new. */
  readonly added: readonly SafeStep[];
}

function checkOf(change: Change, at: RuleSituation): FoundCheck | null {
  if (change.kind !== "add-constraint" && change.kind !== "add-column") return null;
  if (at.schema.isNew(change.table)) return null;
  const given = change.kind === "add-constraint" ? [change.constraint] : change.constraints;
  const constraint = given.find(
    ({ kind, notValid }) => (kind === "check" || kind === "not-null") && !notValid,
  );
  if (constraint === undefined) return null;
  const { table } = change;
  const { kind, columns } = constraint;
  const suffix = kind === "check" ? "check" : "not_null";
  const name =
    constraint.name === "" ? named(table, ...columns, suffix).replaceAll('"', "") : constraint.name;
  const sql =
    kind === "not-null" ? `NOT NULL ${columns.map(quoted).join("")}` : checkSql(constraint.checkSql);
  if (change.kind === "add-constraint") return { table, columns, name, sql, added: [] };
  return { table, columns, name, sql, added: addedColumn(change) };
}

function checkSql(expression: string | null): string | null {
  return expression === null ? null : `CHECK (${expression})`;
}
