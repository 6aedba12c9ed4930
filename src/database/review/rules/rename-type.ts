import { quoted } from "./names.ts";
import { replacementOf } from "./remove-enum-value.ts";
import type { Rule, SafeStep } from "./rule.ts";

export const renameType: Rule = {
  id: "rename-type",
  severity: "high",
  removes: true,
  catches: "A type gets another name while code that is live uses the old one",
  why:
    "Columns keep the type, but code that names it fails: casts, parameters of an ORM that say their type, functions. A new " +
    "type and a new column beside the old ones serve both versions.",
  examples: {
    bad: [
      {
        before: "CREATE TYPE state AS ENUM ('open', 'done');",
        sql: "ALTER TYPE state RENAME TO order_state;",
      },
    ],
    good: [
      {
        before: "CREATE TYPE state AS ENUM ('open', 'done');",
        sql: "CREATE TYPE order_state AS ENUM ('open', 'done');",
      },
    ],
    goodInContext: [
      "CREATE TYPE draft AS ENUM ('a'); ALTER TYPE draft RENAME TO plan;",
      {
        before: "CREATE TYPE state AS ENUM ('open', 'done');",
        sql: "CREATE TYPE state_new AS ENUM ('open'); ALTER TYPE state RENAME TO state_old; ALTER TYPE state_new RENAME TO state; DROP TYPE state_old;",
      },
      {
        before: "CREATE TYPE state AS ENUM ('open');",
        sql: "ALTER TYPE state RENAME TO order_state;",
        unused: ["state"],
      },
    ],
  },
  check: (change, { schema, uses, file }) => {
    if (change.kind !== "rename-type" || schema.isNewType(change.type)) return null;
    const { type, to } = change;
    // Another type takes the name in the same migration: remove-enum-value says what that means.
    if (replacementOf(type, file) !== null) return null;
    if (uses.type(type).state === "unused") return null;
    const target = [...type.split(".").slice(0, -1), to].join(".");
    const values = schema.types.get(type)?.values ?? null;
    const list = values?.map((value) => `'${value.replaceAll("'", "''")}'`).join(", ");
    const made: SafeStep =
      list === undefined
        ? { release: `a migration that makes ${target} like ${type}` }
        : { sql: `CREATE TYPE ${quoted(target)} AS ENUM (${list});` };
    return {
      what: `code that names the type ${type} fails: it is called ${target} from then on`,
      instead: [
        made,
        {
          release: `new columns of ${target}, code that writes both, a backfill in batches, and code that uses the new ones only`,
        },
      ],
    };
  },
};
