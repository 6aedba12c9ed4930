import { blocks } from "../effects/effects.ts";
import type { Change } from "../change.ts";
import type { Rule, RuleSituation } from "./rule.ts";
import { hasLimit } from "./settings.ts";

export const lockTimeoutMissing: Rule = {
  id: "lock-timeout-missing",
  severity: "low",
  once: true,
  catches: "A statement waits for a lock without a limit, and everybody else waits behind it",
  why:
    "A statement that needs a strong lock waits for the longest transaction that is open, and each query that comes " +
    "after waits behind it: a short ALTER TABLE becomes an outage. With lock_timeout it gives up, and is tried again.",
  examples: {
    bad: [
      { before: "CREATE TABLE users (id int PRIMARY KEY);", sql: "ALTER TABLE users ADD COLUMN nick text;" },
    ],
    good: [
      {
        before: "CREATE TABLE users (id int PRIMARY KEY);",
        sql: "SET LOCAL lock_timeout = '5s'; ALTER TABLE users ADD COLUMN nick text;",
      },
    ],
    goodInContext: ["CREATE TABLE users (id int PRIMARY KEY); ALTER TABLE users ADD COLUMN nick text;"],
  },
  check: (change, at) => {
    if (hasLimit(at.file.settings, "lock_timeout") || !waits(change, at)) return null;
    const table = at.locks.find(({ mode }) => blocks(mode) !== "nothing")?.table ?? "a table";
    return {
      what: `it waits for its lock on ${table} without a limit, and all who come after wait behind it`,
      instead: [{ sql: `SET ${at.file.isOneTransaction ? "LOCAL " : ""}lock_timeout = '5s';` }],
    };
  },
};

function waits(change: Change, { locks, schema }: RuleSituation): boolean {
  if (change.kind === "lock-table") return false;
  return locks.some(
    ({ table, mode }) =>
      (blocks(mode) === "reads and writes" || blocks(mode) === "writes") && !schema.isNew(table),
  );
}
