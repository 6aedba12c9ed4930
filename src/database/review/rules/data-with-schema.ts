import type { Change } from "../change.ts";
import { blockedBy } from "../effects/effects.ts";
import { isLongWrite } from "../progress.ts";
import { updateInBatches } from "./batches.ts";
import { listed } from "./names.ts";
import type { Found, Rule, RuleSituation } from "./rule.ts";

export const dataWithSchema: Rule = {
  id: "data-with-schema",
  severity: "high",
  once: true,
  catches: "Many rows are written in the transaction that has locked a table for a change of its schema",
  why:
    "A lock is held until the transaction ends. ALTER TABLE takes a moment; with a backfill behind it in the same file nobody can read " +
    "or write the table until all rows are written. The other way round, the change of the schema waits while rows stay locked. " +
    "Written as two migrations, each of them lets the others work.",
  examples: {
    bad: [
      {
        before: "CREATE TABLE users (id int PRIMARY KEY);",
        sql: "ALTER TABLE users ADD COLUMN nick text; UPDATE users SET nick = 'none';",
      },
      {
        before: "CREATE TABLE users (id int PRIMARY KEY, nick text); CREATE TABLE log (at date);",
        sql: "DELETE FROM log; ALTER TABLE users ADD COLUMN name text;",
      },
    ],
    good: [
      {
        before: "CREATE TABLE users (id int PRIMARY KEY, nick text);",
        sql: "UPDATE users SET nick = 'none';",
      },
    ],
    goodInContext: [
      "CREATE TABLE users (id int PRIMARY KEY); ALTER TABLE users ADD COLUMN nick text; UPDATE users SET nick = 'none';",
      {
        before: "CREATE TABLE users (id int PRIMARY KEY);",
        sql: "ALTER TABLE users ADD COLUMN nick text; UPDATE users SET nick = 'none';",
        transaction: "statement",
      },
      {
        before: "CREATE TABLE users (id int PRIMARY KEY);",
        sql: "ALTER TABLE users ADD COLUMN nick text; COMMIT; UPDATE users SET nick = 'none';",
      },
      {
        before: "CREATE TABLE users (id int PRIMARY KEY); CREATE TABLE kinds (name text);",
        sql: "ALTER TABLE users ADD COLUMN kind text; INSERT INTO kinds VALUES ('guest');",
      },
    ],
  },
  check: (change, at) => writesUnderLock(change, at) ?? locksBehindWrite(at),
};

function writesUnderLock(change: Change, { file, schema }: RuleSituation): Found | null {
  if (file.held.size === 0 || !isLongWrite(change)) return null;
  return {
    what: `${listed([...file.held.keys()])} stays locked by what comes before it until all rows of ${change.table} are written`,
    instead: change.kind === "update" ? [{ sql: updateInBatches(schema, change.table, change.columns) }] : [],
  };
}

function locksBehindWrite({ file, locks, schema }: RuleSituation): Found | null {
  if (file.wrote.size === 0) return null;
  const strong = locks.find(
    ({ table, mode }) => /writes/.test(blockedBy(mode)) && !schema.isNew(table) && !file.held.has(table),
  );
  if (strong === undefined) return null;
  return {
    severity: "medium",
    what: `it waits for its lock on ${strong.table} while the rows of ${listed([...file.wrote])} that were written stay locked`,
    instead: [],
  };
}
