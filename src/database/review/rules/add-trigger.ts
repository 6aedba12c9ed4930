import type { Rule } from "./rule.ts";

export const addTrigger: Rule = {
  id: "add-trigger",
  severity: "medium",
  catches: "A trigger is put on a table that is in use",
  why:
    "It runs at each write of code that knows nothing of it, may change or refuse what that writes, and makes it slower. CREATE TRIGGER " +
    "waits for all who write to the table, and they for it.",
  examples: {
    bad: [
      {
        before: "CREATE TABLE orders (id int PRIMARY KEY);",
        sql: "CREATE TRIGGER seen BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION see();",
      },
    ],
    good: [
      {
        before: "CREATE TABLE orders (id int PRIMARY KEY);",
        sql: "CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;",
      },
    ],
    goodInContext: [
      "CREATE TABLE orders (id int PRIMARY KEY); CREATE TRIGGER seen BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION see();",
    ],
  },
  check: (change, { schema }) => {
    if (change.kind !== "create-trigger" || schema.isNew(change.table)) return null;
    const { name, table, orReplace } = change;
    return {
      what: `${name} runs${orReplace ? " otherwise than before" : ""} at each write to ${table} of code that knows nothing of it`,
      instead: [],
    };
  },
};
