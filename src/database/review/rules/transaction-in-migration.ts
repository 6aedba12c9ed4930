import type { Rule, RuleSituation } from "./rule.ts";

export const transactionInMigration: Rule = {
  id: "transaction-in-migration",
  severity: "medium",
  once: true,
  catches: "BEGIN or COMMIT stands in the middle of a migration that is one transaction already",
  why:
    "Several statements that are sent at once are one transaction. A COMMIT in the middle ends it: what comes before stays when " +
    "something after it fails, and the migration can neither be repeated nor is it done. A BEGIN inside of a transaction does nothing " +
    "but warn. BEGIN at the start and COMMIT at the end change nothing.",
  examples: {
    bad: [
      "CREATE TABLE a (id int); COMMIT; CREATE TABLE b (id int);",
      "CREATE TABLE a (id int); BEGIN; CREATE TABLE b (id int); COMMIT;",
      { sql: "BEGIN; CREATE TABLE a (id int); BEGIN; COMMIT;", transaction: "statement" },
    ],
    good: ["CREATE TABLE a (id int); CREATE TABLE b (id int);"],
    goodInContext: [
      "BEGIN; CREATE TABLE a (id int); COMMIT;",
      { sql: "CREATE TABLE a (id int); BEGIN; CREATE TABLE b (id int); COMMIT;", transaction: "statement" },
    ],
  },
  check: (change, at) => {
    if (change.kind !== "transaction") return null;
    if (change.action === "begin" && at.file.inTransaction && !isFirst(at))
      return { what: "BEGIN stands inside of a transaction, where it does nothing but warn", instead: [] };
    const ends = change.action === "commit" || change.action === "rollback";
    if (!ends || !at.file.isOneTransaction || isLast(at)) return null;
    return {
      what: `${change.action.toUpperCase()} ends the transaction of the whole file: when something after it fails, half of the migration is there`,
      instead: [],
    };
  },
};

function isFirst({ file }: RuleSituation): boolean {
  return file.isOneTransaction && file.position === 0;
}

function isLast({ file }: RuleSituation): boolean {
  return file.position === file.changes.length - 1;
}
