import type { Rule } from "./rule.ts";

export const dropType: Rule = {
  id: "drop-type",
  severity: "high",
  removes: true,
  catches: "A type or a domain that live code may name is dropped",
  why:
    "Code that casts to the type, and prepared statements that have a parameter of it, fail at once. Drop it when no release " +
    "that names it is live, and without CASCADE, so that it fails while a column still has it.",
  examples: {
    bad: [
      { before: "CREATE TYPE state AS ENUM ('open', 'done');", sql: "DROP TYPE state;" },
      { sql: 'DROP TYPE "State";' },
    ],
    good: [
      { before: "CREATE TYPE state AS ENUM ('open', 'done');", sql: "CREATE TYPE state_2 AS ENUM ('open');" },
    ],
    goodInContext: [
      "CREATE TYPE draft AS ENUM ('a'); DROP TYPE draft;",
      { before: "CREATE TYPE state AS ENUM ('open');", sql: "DROP TYPE state;", unused: ["state"] },
    ],
  },
  check: (change, { schema, uses, file }) => {
    if (change.kind !== "drop-type" || schema.isNewType(change.type)) return null;
    const { type } = change;
    // It has that name since a moment ago, and no live code names it.
    const isRenamed = file.changes
      .slice(0, file.position)
      .some((earlier) => earlier.kind === "rename-type" && earlier.to === type.split(".").at(-1));
    if (isRenamed) return null;
    if (uses.type(type).state === "unused" && !change.cascade) return null;
    return {
      what: `code that names the type ${type} fails`,
      instead: [
        {
          release: `code that does not name ${type}; wait until no release that does is live, and drop it then`,
        },
      ],
    };
  },
};
