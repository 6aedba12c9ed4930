import type { Rule } from "./rule.ts";

export const transactionLeftOpen: Rule = {
  id: "transaction-left-open",
  severity: "high",
  once: true,
  catches: "A migration begins a transaction and does not end it",
  why:
    "What was done in it is undone when the connection closes, while the tool that ran it may have noted it as applied. Until then it " +
    "keeps all its locks.",
  examples: {
    bad: ["BEGIN; CREATE TABLE a (id int);", "BEGIN; CREATE TABLE a (id int); COMMIT; BEGIN;"],
    good: ["BEGIN; CREATE TABLE a (id int); COMMIT;"],
    goodInContext: ["CREATE TABLE a (id int);"],
  },
  check: (change, { file }) => {
    if (change.kind !== "transaction" || change.action !== "begin") return null;
    const lastEnd = file.changes.findLastIndex(
      (each) => each.kind === "transaction" && ["commit", "rollback"].includes(each.action),
    );
    return lastEnd > file.position
      ? null
      : { what: "the transaction that begins here is never committed", instead: [{ sql: "COMMIT;" }] };
  },
};
