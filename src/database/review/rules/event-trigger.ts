import type { Rule } from "./rule.ts";

export const eventTrigger: Rule = {
  id: "event-trigger",
  severity: "high",
  catches: "A trigger on changes of the schema is made, changed or dropped",
  why:
    "It runs at each CREATE, ALTER or DROP of anybody in the database: those of the migrations to come, and of the tools that back it up " +
    "or copy it. One that fails stops them all, and dropping it may need a superuser.",
  examples: {
    bad: [
      "CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION see();",
      "ALTER EVENT TRIGGER watch DISABLE;",
      "DROP EVENT TRIGGER watch;",
    ],
    good: ["CREATE TABLE changes (at timestamptz);"],
    goodInContext: [],
  },
  check: (change) => {
    if (change.kind !== "event-trigger") return null;
    const { name, action } = change;
    return {
      what:
        action === "create"
          ? `${name} runs at each change of the schema from now on, those of later migrations included`
          : `${name} runs no more, or otherwise, at changes of the schema`,
      instead: [],
    };
  },
};
