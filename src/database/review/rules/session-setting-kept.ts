import type { Rule } from "./rule.ts";

export const sessionSettingKept: Rule = {
  id: "session-setting-kept",
  severity: "low",
  catches: "A setting outlives the migration in a connection that may be pooled",
  why:
    "SET lasts until the connection closes. Behind a pool such as PgBouncer that is somebody else's query, with a timeout or a path that " +
    "it does not know of. SET LOCAL ends with the transaction; so does a RESET at the end of the file.",
  examples: {
    bad: ["SET lock_timeout = '5s'; CREATE TABLE a (id int);"],
    good: ["SET LOCAL lock_timeout = '5s'; CREATE TABLE a (id int);"],
    goodInContext: [
      "SET lock_timeout = '5s'; CREATE TABLE a (id int); RESET lock_timeout;",
      { sql: "SET lock_timeout = '5s'; CREATE TABLE a (id int);", transaction: "statement" },
    ],
  },
  check: (change, { file }) => {
    if (change.kind !== "set" || change.scope !== "session" || change.value === null) return null;
    const isReset = file.changes
      .slice(file.position + 1)
      .some(
        (later) => later.kind === "set" && later.value === null && [change.name, "all"].includes(later.name),
      );
    // Outside of a transaction there is nothing that LOCAL could end with.
    if (!file.inTransaction || isReset) return null;
    const { name, value } = change;
    return {
      what: `${name} stays '${value}' for whoever uses the connection next`,
      instead:
        name === "search_path" ? [] : [{ sql: `SET LOCAL ${name} = '${value.replaceAll("'", "''")}';` }],
    };
  },
};
