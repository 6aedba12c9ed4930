import type { Rule } from "./rule.ts";

export const unloggedTable: Rule = {
  id: "unlogged-table",
  severity: "medium",
  catches: "A table is made that a crash of the server empties",
  why:
    "An UNLOGGED table is not in the WAL: after a crash it is empty, a replica never has its rows, and a backup from a " +
    "replica lacks them. It is right for what can be made again at any time, such as a cache or an import.",
  examples: {
    bad: ["CREATE UNLOGGED TABLE carts (id bigint PRIMARY KEY);"],
    good: ["CREATE TABLE carts (id bigint PRIMARY KEY);"],
    goodInContext: [
      "CREATE UNLOGGED TABLE import (id bigint PRIMARY KEY); ALTER TABLE import SET LOGGED;",
      "CREATE UNLOGGED TABLE import (id bigint PRIMARY KEY); DROP TABLE import;",
    ],
  },
  check: (change, { file }) => {
    if (change.kind !== "create-table" || !change.unlogged || change.temporary) return null;
    const { table } = change;
    const isPassing = file.changes
      .slice(file.position)
      .some(
        (later) =>
          (later.kind === "drop-table" || (later.kind === "rewrite-table" && later.by === "SET LOGGED")) &&
          later.table === table,
      );
    if (isPassing) return null;
    return {
      what: `${table} is empty after a crash of the server, and on its replicas`,
      instead: [
        { release: `the same CREATE TABLE ${table} without UNLOGGED, where its rows must not be lost` },
      ],
    };
  },
};
