import type { Rule } from "./rule.ts";

export const dangerousSetting: Rule = {
  id: "dangerous-setting",
  severity: "high",
  catches: "A setting is changed that switches off constraints, hides rows, or makes names mean other things",
  why:
    "session_replication_role = replica runs no trigger, and foreign keys are triggers: what is written then may refer to nothing, " +
    "and nobody looks at it again. search_path decides what a name without a schema means, for the statements here and, where the " +
    "connection is pooled, for whoever gets it next. A role decides who owns what is made.",
  examples: {
    bad: [
      "SET session_replication_role = replica;",
      "SET search_path = billing; CREATE TABLE orders (id int);",
      "SELECT set_config('row_security', 'off', false);",
      "SET ROLE admin; CREATE TABLE orders (id int);",
    ],
    good: ["CREATE TABLE billing.orders (id int);"],
    goodInContext: [
      "SET session_replication_role = origin;",
      "SET LOCAL search_path = public; CREATE TABLE orders (id int);",
      "SELECT pg_catalog.set_config('search_path', '', false);",
      "RESET ROLE;",
    ],
  },
  check: (change, { oldCode }) => {
    if (change.kind !== "set" || change.value === null || oldCode.verdict === "works") return null;
    const why = dangers[change.name];
    if (why === undefined || harmless[change.name]?.includes(change.value.toLowerCase()) === true)
      return null;
    return {
      what: `${change.name} is set to '${change.value}': ${why}`,
      instead: [{ sql: `RESET ${change.name};` }],
    };
  },
};

const dangers: Readonly<Record<string, string>> = {
  session_replication_role: "no trigger runs, and so no foreign key is looked at",
  search_path: "names without a schema mean other tables than everywhere else",
  row_security: "queries fail, or see other rows than with it",
  role: "what is made belongs to that role, and its rights decide",
  session_authorization: "what is made belongs to that role, and its rights decide",
  default_transaction_read_only: "whatever writes in this connection fails",
  synchronous_commit: "what is committed may be gone after a crash",
  zero_damaged_pages: "damaged pages are emptied, and their rows are gone",
  ignore_system_indexes: "the catalog is read without its indexes",
  allow_system_table_mods: "the catalog itself may be written to",
};

const harmless: Readonly<Record<string, readonly string[]>> = {
  session_replication_role: ["origin"],
  row_security: ["on", "true", "1"],
  role: ["none"],
  synchronous_commit: ["on", "remote_apply"],
  default_transaction_read_only: ["off", "false", "0"],
};
