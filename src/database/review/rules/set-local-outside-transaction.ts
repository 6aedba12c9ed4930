import type { Rule } from "./rule.ts";

export const setLocalOutsideTransaction: Rule = {
  id: "set-local-outside-transaction",
  severity: "medium",
  catches: "SET LOCAL stands outside of a transaction, where it does nothing",
  why:
    "It counts until the end of the transaction; without one that is at once. PostgreSQL warns, and the statements below run without " +
    "the timeout that somebody believes in.",
  examples: {
    bad: [
      { sql: "SET LOCAL lock_timeout = '5s'; CREATE TABLE a (id int);", transaction: "statement" },
      "SET LOCAL lock_timeout = '5s';",
    ],
    good: [{ sql: "SET lock_timeout = '5s'; CREATE TABLE a (id int);", transaction: "statement" }],
    goodInContext: [
      "SET LOCAL lock_timeout = '5s'; CREATE TABLE a (id int);",
      {
        sql: "BEGIN; SET LOCAL lock_timeout = '5s'; CREATE TABLE a (id int); COMMIT;",
        transaction: "statement",
      },
    ],
  },
  check: (change, { file }) => {
    if (change.kind !== "set" || change.scope !== "local" || file.inTransaction || change.value === null)
      return null;
    const { name, value } = change;
    return {
      what: `${name} is not set: SET LOCAL outside of a transaction does nothing`,
      instead: name === "search_path" ? [] : [{ sql: `SET ${name} = '${value.replaceAll("'", "''")}';` }],
    };
  },
};
