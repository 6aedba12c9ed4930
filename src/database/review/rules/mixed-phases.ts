import { isAddition } from "../progress.ts";
import type { Rule } from "./rule.ts";

export const mixedPhases: Rule = {
  id: "mixed-phases",
  severity: "high",
  removes: true,
  once: true,
  catches: "One migration adds what new code needs and takes away what old code needs",
  why:
    "What is added has to be there before new code is live; what is dropped, only after the last old one is gone. As one migration it is " +
    "either too late for the one or too early for the other, and going back past it is not possible. Two migrations, with a release " +
    "between them, have a time each.",
  examples: {
    bad: [
      {
        before: "CREATE TABLE users (id int PRIMARY KEY, nick text);",
        sql: "ALTER TABLE users ADD COLUMN name text; ALTER TABLE users DROP COLUMN nick;",
      },
      {
        before: "CREATE TABLE users (id int PRIMARY KEY, nick text);",
        sql: "ALTER TABLE users DROP COLUMN nick, ADD COLUMN name text;",
      },
    ],
    good: [
      {
        before: "CREATE TABLE users (id int PRIMARY KEY, nick text);",
        sql: "ALTER TABLE users DROP COLUMN nick;",
      },
    ],
    goodInContext: [
      "CREATE TABLE users (id int PRIMARY KEY, nick text); ALTER TABLE users ADD COLUMN name text; ALTER TABLE users DROP COLUMN nick;",
      {
        before: "CREATE TABLE users (id int PRIMARY KEY, nick text);",
        sql: "ALTER TABLE users ALTER COLUMN nick DROP DEFAULT; ALTER TABLE users DROP COLUMN nick;",
      },
      {
        before: "CREATE TABLE users (id int PRIMARY KEY, nick text);",
        sql: "SET LOCAL lock_timeout = '5s'; ALTER TABLE users DROP COLUMN nick;",
      },
    ],
  },
  check: (change, { phase, file }) => {
    const isMixed =
      phase === "contract"
        ? file.phases.has("expand") || file.phases.has("backfill")
        : isAddition(change) && file.phases.has("contract");
    if (!isMixed) return null;
    return {
      what:
        phase === "contract"
          ? "what comes before it has to run before the release, and this only when no old code is live: make it a migration of its own"
          : "what comes before it may only run when no old code is live, and this before the release: make it a migration of its own",
      instead: [],
    };
  },
};
