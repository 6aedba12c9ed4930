import type { ChangeOf } from "../change.ts";
import { withSchemaOf } from "../schema/names.ts";
import type { Schema } from "../schema/schema.ts";
import { named, quoted } from "./names.ts";
import type { SafeStep } from "./rule.ts";

type CreateIndex = ChangeOf<"create-index">;

/** The same index built while others write; null where it is more than a list of columns. */
export function concurrently(change: CreateIndex): string | null {
  const { table, columns, unique, method } = change;
  const names = columns.filter((column) => column !== null);
  if (names.length !== columns.length || change.partial || !change.ordinary) return null;
  const using = method === "btree" ? "" : ` USING ${quoted(method)}`;
  return (
    `CREATE ${unique ? "UNIQUE " : ""}INDEX CONCURRENTLY ${indexName(change)} ` +
    `ON ${quoted(table)}${using} (${names.map(quoted).join(", ")});`
  );
}

/** The way to an index on all partitions that stops nobody; empty where it is more than a list of columns. */
export function onEachPartition(change: CreateIndex, schema: Schema): SafeStep[] {
  const { table, columns, method, unique } = change;
  const names = columns.flatMap((column) => column ?? []);
  if (names.length !== columns.length || change.partial || !change.ordinary) return [];
  const parts = [...schema.tables.values()].filter(({ parents }) => parents.has(table));
  const start = `CREATE ${unique ? "UNIQUE " : ""}INDEX`;
  const list = `${method === "btree" ? "" : `USING ${quoted(method)} `}(${names.map(quoted).join(", ")})`;
  const nameOn = (part: string) => named(part, ...names, "idx");
  return [
    { sql: `${start} ${indexName(change)} ON ONLY ${quoted(table)} ${list};` },
    ...parts.map(({ name }): SafeStep => ({
      sql: `${start} CONCURRENTLY ${nameOn(name)} ON ${quoted(name)} ${list};`,
      alone: true,
    })),
    ...parts.map(({ name }): SafeStep => ({
      sql: `ALTER INDEX ${fullIndexName(change)} ATTACH PARTITION ${withSchemaOf(quoted(name), nameOn(name))};`,
    })),
  ];
}

/** As CREATE INDEX has it: without a schema. */
export function indexName({ name, table, columns }: CreateIndex): string {
  return name === "" ? named(table, ...columns.map((column) => column ?? "expr"), "idx") : quoted(name);
}

/** As DROP INDEX has it: in the schema of its table. */
export function fullIndexName(change: CreateIndex): string {
  return withSchemaOf(quoted(change.table), indexName(change));
}
