import { quoted } from "./names.ts";
import type { Rule } from "./rule.ts";

export const renameSchema: Rule = {
  id: "rename-schema",
  severity: "high",
  removes: true,
  catches: "A schema gets another name, and with it all that is in it",
  why:
    "Each query that names the schema, and each search_path that does, finds nothing from then on. Views in a schema with " +
    "the new name can be used by new code while old code uses the tables.",
  examples: {
    bad: [
      {
        before: "CREATE SCHEMA billing; CREATE TABLE billing.invoices (id bigint PRIMARY KEY);",
        sql: "ALTER SCHEMA billing RENAME TO finance;",
      },
    ],
    good: [
      {
        before: "CREATE SCHEMA billing; CREATE TABLE billing.invoices (id bigint PRIMARY KEY);",
        sql: "CREATE SCHEMA finance; CREATE VIEW finance.invoices AS SELECT * FROM billing.invoices;",
      },
    ],
    goodInContext: [
      "CREATE SCHEMA draft; CREATE TABLE draft.plans (id bigint PRIMARY KEY); ALTER SCHEMA draft RENAME TO plans;",
    ],
  },
  check: (change, { schema }) => {
    if (change.kind !== "rename-schema") return null;
    const { schema: from, to } = change;
    const inside = [...schema.tables.keys()].filter((table) => table.startsWith(`${from}.`));
    if (inside.length > 0 && inside.every((table) => schema.isNew(table))) return null;
    const views = inside.map((table) => {
      const bare = table.slice(from.length + 1);
      return `CREATE VIEW ${quoted(`${to}.${bare}`)} AS SELECT * FROM ${quoted(table)};`;
    });
    return {
      what: `code that names ${from} fails: it is called ${to} from then on`,
      instead: [
        { sql: [`CREATE SCHEMA ${quoted(to)};`, ...views].join("\n") },
        { release: `code that uses ${to}; wait until no release that uses ${from} is live` },
      ],
    };
  },
};
