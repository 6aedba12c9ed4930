import { blocks } from "../effects/effects.ts";
import { workOf } from "../effects/work.ts";
import type { Rule } from "./rule.ts";

export const lockTimeoutMissing: Rule = {
  id: "lock-timeout-missing",
  severity: "low",
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
        sql: "SET lock_timeout = '5s'; ALTER TABLE users ADD COLUMN nick text;",
      },
    ],
    goodInContext: ["CREATE TABLE users (id int PRIMARY KEY); ALTER TABLE users ADD COLUMN nick text;"],
  },
  check: (change, at) => {
    const { changes, position, settings } = at.file;
    if (hasLimit(settings) || !waits(change, at)) return null;
    // Said once, at the first that waits.
    if (changes.slice(0, position).some((earlier) => waits(earlier, at))) return null;
    const table = workOf(change, at).locks.find(({ mode }) => blocks(mode) !== "nothing")?.table ?? "a table";
    return {
      what: `it waits for its lock on ${table} without a limit, and all who come after wait behind it`,
      instead: [{ sql: "SET lock_timeout = '5s';" }],
    };
  },
};

function hasLimit(settings: ReadonlyMap<string, string>): boolean {
  const value = settings.get("lock_timeout");
  return value !== undefined && !/^0\D*$/.test(value);
}

function waits(change: Parameters<Rule["check"]>[0], at: Parameters<Rule["check"]>[1]): boolean {
  if (change.kind === "lock-table") return false;
  return workOf(change, at).locks.some(
    ({ table, mode }) =>
      (blocks(mode) === "reads and writes" || blocks(mode) === "writes") && !at.schema.isNew(table),
  );
}
