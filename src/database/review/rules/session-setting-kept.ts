import type { Change } from "../change.ts";
import type { Rule } from "./rule.ts";

export const sessionSettingKept: Rule = {
  id: "session-setting-kept",
  severity: "low",
  once: true,
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
    const isReset = resetsIn(file.changes).some(
      ({ name, position }) => position > file.position && (name === change.name || name === "all"),
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

interface Reset {
  readonly name: string;
  readonly position: number;
}

/** The last RESET of each setting, found once for all statements of a file. */
function resetsIn(changes: readonly Change[]): readonly Reset[] {
  const known = found.get(changes);
  if (known !== undefined) return known;
  const last = new Map<string, number>();
  for (const [position, change] of changes.entries())
    if (change.kind === "set" && change.value === null) last.set(change.name, position);
  const resets = [...last].map(([name, position]) => ({ name, position }));
  found.set(changes, resets);
  return resets;
}

const found = new WeakMap<readonly Change[], readonly Reset[]>();
