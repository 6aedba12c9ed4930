import { blockedBy } from "../effects/effects.ts";
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
    const table = waitsFor(change, at);
    if (table === null || hasLimit(at.file.settings, "lock_timeout")) return null;
    return {
      what: `it waits for its lock on ${table} without a limit, and all who come after wait behind it`,
      instead: [{ sql: `SET ${at.file.isOneTransaction ? "LOCAL " : ""}lock_timeout = '5s';` }],
    };
  },
};

/** A table that live code uses, and that nobody can use while it is locked. */
function waitsFor(change: Change, { locks, schema }: RuleSituation): string | null {
  if (change.kind === "lock-table") return null;
  const found = locks.find(
    ({ table, mode }) =>
      (blockedBy(mode) === "reads and writes" || blockedBy(mode) === "writes") && !schema.isNew(table),
  );
  return found?.table ?? null;
}
