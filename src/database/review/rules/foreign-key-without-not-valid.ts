import { workOf } from "../effects/work.ts";
import type { Change, ConstraintFacts } from "../change.ts";
import { named, quoted } from "./names.ts";
import { addedColumn } from "./unique-without-index.ts";
import type { Rule, RuleSituation } from "./rule.ts";

export const foreignKeyWithoutNotValid: Rule = {
  id: "foreign-key-without-not-valid",
  severity: "high",
  catches: "A foreign key is added, and nobody can write to either table until all rows are looked up",
  why:
    "ADD FOREIGN KEY takes SHARE ROW EXCLUSIVE on both tables and looks up each row. With NOT VALID it is instant and counts " +
    "for new rows; VALIDATE CONSTRAINT looks at the others later, and stops no write. In the definition of a new column that is " +
    "null everywhere it looks up nothing.",
  examples: {
    bad: [
      {
        before:
          "CREATE TABLE users (id bigint PRIMARY KEY); CREATE TABLE orders (id bigint PRIMARY KEY, buyer bigint);",
        sql: "ALTER TABLE orders ADD CONSTRAINT orders_buyer_fkey FOREIGN KEY (buyer) REFERENCES users (id);",
      },
      {
        before: "CREATE TABLE users (id bigint PRIMARY KEY); CREATE TABLE orders (id bigint PRIMARY KEY);",
        sql: "ALTER TABLE orders ADD COLUMN buyer bigint DEFAULT 1 REFERENCES users (id);",
      },
    ],
    good: [
      {
        before:
          "CREATE TABLE users (id bigint PRIMARY KEY); CREATE TABLE orders (id bigint PRIMARY KEY, buyer bigint);",
        sql: "ALTER TABLE orders ADD CONSTRAINT orders_buyer_fkey FOREIGN KEY (buyer) REFERENCES users (id) NOT VALID;",
      },
    ],
    goodInContext: [
      {
        before: "CREATE TABLE users (id bigint PRIMARY KEY);",
        sql:
          "CREATE TABLE orders (id bigint PRIMARY KEY, buyer bigint);" +
          "ALTER TABLE orders ADD CONSTRAINT orders_buyer_fkey FOREIGN KEY (buyer) REFERENCES users (id);",
      },
      {
        before: "CREATE TABLE users (id bigint PRIMARY KEY); CREATE TABLE orders (id bigint PRIMARY KEY);",
        sql: "ALTER TABLE orders ADD COLUMN buyer bigint REFERENCES users (id);",
      },
    ],
  },
  check: (change, at) => {
    const found = foreignKeyOf(change, at);
    if (found === null) return null;
    const { table, constraint } = found;
    const { columns, references } = constraint;
    const name = constraint.name === "" ? named(table, ...columns, "fkey") : quoted(constraint.name);
    const other = quoted(references ?? "");
    const target = constraint.referencedColumns.map(quoted).join(", ");
    const action = constraint.onChange === "" ? "" : ` ${constraint.onChange}`;
    return {
      what: `nobody can write to ${table} or ${references ?? ""} while each ${columns.join(", ")} is looked up`,
      instead: [
        ...addedColumn(change),
        {
          sql:
            `ALTER TABLE ${quoted(table)} ADD CONSTRAINT ${name} FOREIGN KEY (${columns.map(quoted).join(", ")}) ` +
            `REFERENCES ${other}${target === "" ? "" : ` (${target})`}${action} NOT VALID;`,
        },
        { sql: `ALTER TABLE ${quoted(table)} VALIDATE CONSTRAINT ${name};` },
      ],
    };
  },
};

function foreignKeyOf(
  change: Change,
  at: RuleSituation,
): { readonly table: string; readonly constraint: ConstraintFacts } | null {
  if (change.kind === "add-constraint") {
    const { table, constraint } = change;
    if (constraint.kind !== "foreign" || constraint.notValid || at.schema.isNew(table)) return null;
    return { table, constraint };
  }
  if (change.kind !== "add-column" || at.schema.isNew(change.table)) return null;
  const constraint = change.constraints.find(({ kind }) => kind === "foreign");
  const isLookedUp = change.column.fallback !== null || workOf(change, at).rewrites.length > 0;
  return constraint === undefined || change.column.fallback === "null" || !isLookedUp
    ? null
    : { table: change.table, constraint };
}
