import { workOf } from "../effects/work.ts";
import { listed } from "./names.ts";
import type { Rule } from "./rule.ts";

export const domainConstraint: Rule = {
  id: "domain-constraint",
  severity: "high",
  catches:
    "A domain refuses more from now on, and each table that has it is read while nobody can write to it",
  why:
    "ALTER DOMAIN takes SHARE on all tables with a column of the domain and looks at each value; VALIDATE CONSTRAINT takes " +
    "the same lock, so that NOT VALID only puts it off. A check on each table can be validated without stopping a write.",
  examples: {
    bad: [
      {
        before: "CREATE DOMAIN email AS text; CREATE TABLE users (id bigint PRIMARY KEY, email email);",
        sql: "ALTER DOMAIN email ADD CONSTRAINT email_at CHECK (VALUE LIKE '%@%');",
      },
      {
        before:
          "CREATE DOMAIN email AS text; CREATE TABLE users (id bigint PRIMARY KEY, email email);" +
          "ALTER DOMAIN email ADD CONSTRAINT email_at CHECK (VALUE LIKE '%@%') NOT VALID;",
        sql: "ALTER DOMAIN email VALIDATE CONSTRAINT email_at;",
      },
    ],
    good: [
      {
        before: "CREATE DOMAIN email AS text; CREATE TABLE users (id bigint PRIMARY KEY, email email);",
        sql: "ALTER TABLE users ADD CONSTRAINT users_email_at CHECK (email LIKE '%@%') NOT VALID;",
      },
      {
        before: "CREATE DOMAIN email AS text; CREATE TABLE users (id bigint PRIMARY KEY, email email);",
        sql: "ALTER DOMAIN email ADD CONSTRAINT email_at CHECK (VALUE LIKE '%@%') NOT VALID;",
      },
    ],
    goodInContext: [
      "CREATE DOMAIN email AS text; CREATE TABLE users (email email); ALTER DOMAIN email ADD CHECK (VALUE <> '');",
      { before: "CREATE DOMAIN email AS text;", sql: "ALTER DOMAIN email ADD CHECK (VALUE <> '');" },
    ],
  },
  check: (change, at) => {
    if (change.kind !== "alter-domain") return null;
    const tables = workOf(change, at).scans.filter((table) => !at.schema.isNew(table));
    if (tables.length === 0) return null;
    return {
      what: `nobody can write to ${listed(tables)} while each value of ${change.type} is looked at`,
      instead: [
        {
          release: `a check with the same condition on each of ${listed(tables)}: ADD CONSTRAINT ... NOT VALID in one migration, VALIDATE CONSTRAINT in the next`,
        },
      ],
    };
  },
};
