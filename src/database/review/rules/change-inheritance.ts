import type { Rule } from "./rule.ts";

export const changeInheritance: Rule = {
  id: "change-inheritance",
  severity: "medium",
  catches: "INHERIT or NO INHERIT changes which rows queries of the parent see",
  why:
    "A query of the parent reads the rows of all tables that inherit from it. From one statement to the next, live code sees " +
    "rows that it did not see, or no longer sees rows that it counted on; UPDATE and DELETE reach them too.",
  examples: {
    bad: [
      {
        before: "CREATE TABLE events (id bigint); CREATE TABLE old_events (id bigint);",
        sql: "ALTER TABLE old_events INHERIT events;",
      },
      {
        before: "CREATE TABLE events (id bigint); CREATE TABLE old_events () INHERITS (events);",
        sql: "ALTER TABLE old_events NO INHERIT events;",
      },
    ],
    good: [
      {
        before: "CREATE TABLE events (id bigint); CREATE TABLE old_events (id bigint);",
        sql: "CREATE VIEW all_events AS SELECT id FROM events UNION ALL SELECT id FROM old_events;",
      },
    ],
    goodInContext: [
      "CREATE TABLE events (id bigint); CREATE TABLE old_events (id bigint); ALTER TABLE old_events INHERIT events;",
    ],
  },
  check: (change, { schema }) => {
    if (change.kind !== "set-parent" || schema.isNew(change.parent)) return null;
    const { table, parent, inherits } = change;
    return {
      what: inherits
        ? `queries of ${parent} see the rows of ${table} too, and UPDATE and DELETE reach them`
        : `queries of ${parent} no longer see the rows of ${table}`,
      instead: [
        {
          release: `code that reads a view over the tables that it means, or ONLY ${parent}; then the change disturbs nobody`,
        },
      ],
    };
  },
};
