import type { Rule } from "./rule.ts";

export const dropConstraint: Rule = {
  id: "drop-constraint",
  severity: "medium",
  catches: "A constraint is dropped: what it refused comes in, and old code may count on it",
  why:
    "Rows that break it come in at once, so that it cannot be put back as it was. For a foreign key both tables are locked. " +
    "ON CONFLICT and foreign keys of other tables need a UNIQUE or PRIMARY KEY that is there.",
  examples: {
    bad: [
      {
        before:
          "CREATE TABLE orders (id bigint PRIMARY KEY, total int CONSTRAINT orders_total_check CHECK (total >= 0));",
        sql: "ALTER TABLE orders DROP CONSTRAINT orders_total_check;",
      },
      { sql: 'ALTER TABLE "Order" DROP CONSTRAINT "Order_userId_fkey";' },
    ],
    good: [
      {
        before:
          "CREATE TABLE orders (id bigint PRIMARY KEY, total int CONSTRAINT orders_total_check CHECK (total >= 0));",
        sql: "ALTER TABLE orders ADD CONSTRAINT orders_total_check_2 CHECK (total > 0) NOT VALID;",
      },
    ],
    goodInContext: [
      "CREATE TABLE draft (total int CONSTRAINT draft_check CHECK (total >= 0)); ALTER TABLE draft DROP CONSTRAINT draft_check;",
      {
        before:
          "CREATE TABLE users (id bigint PRIMARY KEY, email text);" +
          "ALTER TABLE users ADD CONSTRAINT users_email_not_null CHECK (email IS NOT NULL) NOT VALID;" +
          "ALTER TABLE users VALIDATE CONSTRAINT users_email_not_null;",
        sql: "ALTER TABLE users ALTER COLUMN email SET NOT NULL; ALTER TABLE users DROP CONSTRAINT users_email_not_null;",
      },
    ],
  },
  check: (change, { schema, file }) => {
    if (change.kind !== "drop-constraint" || schema.isNew(change.table)) return null;
    const { table, name } = change;
    const found = schema.constraint(table, name);
    // The rule for primary keys says more.
    if (found?.kind === "primary" || (found === undefined && name.endsWith("_pkey"))) return null;
    const proves = found?.provesNotNull ?? null;
    if (proves !== null && schema.column(table, proves)?.notNull === true) return null;
    const isReplaced = file.changes
      .slice(file.position + 1)
      .some(
        (later) => later.kind === "add-constraint" && later.table === table && later.constraint.name === name,
      );
    const other = found?.references ?? null;
    const locks = other === null ? "" : `, and ${other} is locked with ${table}`;
    const instead = [
      {
        release: `code that itself refuses what ${name} refuses, or no longer needs it refused; wait until no other release is live`,
      },
    ];
    return isReplaced
      ? {
          what: `${name} of ${table} is dropped and added again${locks}: nothing is refused in between`,
          instead: [
            {
              release: `the new constraint under another name first, NOT VALID and then validated; then drop ${name}`,
            },
          ],
        }
      : { what: `what ${name} refuses comes into ${table} from then on${locks}`, instead };
  },
};
