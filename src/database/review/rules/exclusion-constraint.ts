import { named, quoted } from "./names.ts";
import type { Rule } from "./rule.ts";

export const exclusionConstraint: Rule = {
  id: "exclusion-constraint",
  severity: "high",
  catches: "An exclusion constraint builds its index while nobody can read or write the table",
  why:
    "EXCLUDE knows neither NOT VALID nor an index that is built CONCURRENTLY. On a table with many rows the only way without " +
    "an outage is a new table that has the constraint from the beginning, filled in batches.",
  examples: {
    bad: [
      {
        before: "CREATE TABLE bookings (id bigint PRIMARY KEY, room int, during tstzrange);",
        sql: "ALTER TABLE bookings ADD CONSTRAINT bookings_overlap EXCLUDE USING gist (room WITH =, during WITH &&);",
      },
    ],
    good: [
      {
        before: "CREATE TABLE bookings (id bigint PRIMARY KEY, room int, during tstzrange);",
        sql: "CREATE TABLE bookings_new (id bigint PRIMARY KEY, room int, during tstzrange, EXCLUDE USING gist (room WITH =, during WITH &&));",
      },
    ],
    goodInContext: [
      "CREATE TABLE draft (during tstzrange); ALTER TABLE draft ADD CONSTRAINT draft_overlap EXCLUDE USING gist (during WITH &&);",
    ],
  },
  check: (change, { schema }) => {
    if (change.kind !== "add-constraint" || change.constraint.kind !== "exclusion") return null;
    const { table, constraint } = change;
    if (schema.isNew(table)) return null;
    const name = constraint.name === "" ? "the exclusion constraint" : constraint.name;
    const next = named(table, "new");
    return {
      what: `nobody can read or write ${table} while the index of ${name} is built from all rows`,
      instead: [
        { sql: `CREATE TABLE ${next} (LIKE ${quoted(table)} INCLUDING ALL);` },
        {
          release: `the constraint on ${next} while it is empty, code that writes to both tables, and a backfill of ${next} in batches; then code that uses ${next} only`,
        },
      ],
    };
  },
};
