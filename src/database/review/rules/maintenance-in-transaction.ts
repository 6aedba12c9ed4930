import type { Change } from "../change.ts";
import { quoted } from "./names.ts";
import type { Rule } from "./rule.ts";

export const maintenanceInTransaction: Rule = {
  id: "maintenance-in-transaction",
  severity: "high",
  catches: "VACUUM, CLUSTER of all tables, REINDEX of a schema or ALTER SYSTEM stands inside a transaction",
  why:
    "They commit on their way, so PostgreSQL refuses them there: the migration fails, and those that come after it wait for somebody to " +
    "repair it. Several statements that are sent at once are one transaction too. In a file of its own such a statement works.",
  examples: {
    bad: [
      { before: "CREATE TABLE a (id int);", sql: "ANALYZE a; VACUUM a;" },
      "SELECT 1; REINDEX SCHEMA public;",
      "SELECT 1; CLUSTER;",
      { sql: "BEGIN; ALTER SYSTEM SET work_mem = '1GB'; COMMIT;", transaction: "statement" },
    ],
    good: [{ before: "CREATE TABLE a (id int);", sql: "VACUUM a;" }],
    goodInContext: [
      { before: "CREATE TABLE a (id int);", sql: "SELECT 1; VACUUM a;", transaction: "statement" },
      { before: "CREATE TABLE a (id int);", sql: "SELECT 1; REINDEX TABLE a;" },
    ],
  },
  check: (change, { file, postgres }) => {
    const found = file.inTransaction ? statementOf(change, postgres) : null;
    if (found === null) return null;
    return {
      what: `${found.text} cannot run inside a transaction, and this one does: the migration fails there`,
      instead: found.sql === null ? [] : [{ sql: found.sql, alone: true }],
    };
  },
};

function statementOf(
  change: Change,
  postgres: number,
): { readonly text: string; readonly sql: string | null } | null {
  switch (change.kind) {
    case "vacuum": {
      const table = change.table === null ? "" : ` ${quoted(change.table)}`;
      return { text: `VACUUM${table}`, sql: `VACUUM${change.full ? " (FULL)" : ""}${table};` };
    }
    case "cluster":
      return change.table === null ? { text: "CLUSTER", sql: "CLUSTER;" } : null;
    case "reindex": {
      if (change.concurrently || change.what === "index" || change.what === "table") return null;
      const what = change.what.toUpperCase();
      const name = change.name === "" ? "" : ` ${quoted(change.name)}`;
      const how = postgres >= 12 && change.what !== "system" ? " CONCURRENTLY" : "";
      return { text: `REINDEX ${what}${name}`, sql: `REINDEX ${what}${how}${name};` };
    }
    case "set-for-all":
      return change.of === "system" ? { text: "ALTER SYSTEM", sql: null } : null;
    default:
      return null;
  }
}
