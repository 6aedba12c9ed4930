/** `node scripts/prisma-changes/page.ts` writes docs/prisma-changes.md; with `--check` it says whether that is as it would be written. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { blockedBy } from "../../src/database/review/effects/effects.ts";
import type { ReviewedStatement } from "../../src/database/review/review.ts";
import { type SchemaChange, schemaChanges } from "../../test/database/review/prisma/changes.ts";
import { type RecordedMigration, recordedMigrations } from "../../test/database/review/prisma/recorded.ts";
import { reviewOf, strongestLocks } from "../../test/database/review/prisma/review.ts";

export async function writePage(root: string): Promise<void> {
  writeFileSync(pathOf(root), await pageOf());
}

function pathOf(root: string): string {
  return join(root, "docs/prisma-changes.md");
}

async function pageOf(): Promise<string> {
  const recorded = recordedMigrations();
  const rows: string[] = [];
  for (const change of schemaChanges) {
    const migration = recorded.find(({ title }) => title === change.title);
    if (migration === undefined) throw new Error(`not recorded: ${change.title}: npm run prisma-changes`);
    rows.push(await row(migration, change));
  }
  return `# What Prisma's migrations do

Written by \`npm run prisma-changes\`; \`npm run check\` refuses it when it is not up to date.

For **${String(rows.length)} changes of a schema.prisma**: the migration that Prisma 6.19 writes, and what the review says of it, when the release
before it has recorded its schema and has no SQL of its own.

- *Old code* is that release's Prisma client, which goes on running beside the new one. **Breaks**: something that it does fails, or its rows are not
  what they were. **May break**: that depends on what it writes, or on whether it is Prisma's client at all. **Works**: nothing that it does changes.
- *Keeps waiting*: what others cannot do to a table until the migration's transaction ends, **long** where that takes longer the more rows there are.
  The wait for the lock itself comes before it.
- *Rewrites*: tables that are written anew. A timestamp gets its zone without that where the session's \`TimeZone\` is UTC.
- *Refused*: PostgreSQL does not take the migration while the tables hold rows such as the old code writes, or never.

Each row is proven on a real server, with that client, by [migrations-on-postgres.test.ts](../test/slow/migrations-on-postgres.test.ts);
the two schemas and the whole SQL are in [migrations.json](../test/database/review/prisma/migrations.json).

| Change | Prisma writes | Phase | Old code | Keeps waiting | Rewrites | Refused |
|---|---|---|---|---|---|---|
${rows.join("\n")}
`;
}

async function row(migration: RecordedMigration, { refused, harmless }: SchemaChange): Promise<string> {
  const { phase, oldCode, statements } = await reviewOf(migration);
  const effects = statements.flatMap((statement) => statement.effects);
  const tables = [...migration.created.matchAll(/^CREATE TABLE "(\w+)"/gm)].map((match) => match[1]!);
  return `| ${[
    migration.title,
    written(migration.sql),
    phase,
    refused === "always" ? "" : [oldCode, ...(harmless === undefined ? [] : [harmless])].join(": "),
    waiting(statements, tables),
    tables.filter((table) => effects.some(({ rewrites }) => rewrites.includes(table))).join(", "),
    refused ?? "",
  ].join(" | ")} |`;
}

/** The statements without comments, and without what stands in the parentheses of a new table. */
function written(sql: string): string {
  const statements = sql
    .replace(/\/\*.*?\*\/|--[^\n]*/gs, "")
    .split(";")
    .map((text) => text.trim().replace(/\s+/g, " "))
    .filter((text) => text !== "")
    .map((text) => text.replace(/^(CREATE TABLE \S+) .*/, "$1"));
  return statements.length === 0 ? "nothing" : statements.map((text) => `\`${text}\``).join("<br>");
}

/** Who waits for the tables that were there, until the last statement is done. */
function waiting(statements: readonly ReviewedStatement[], tables: readonly string[]): string {
  return tables
    .flatMap((table) => {
      const first = statements.findIndex((statement) => blocked(statement, table) !== "nothing");
      const what = blocked({ effects: statements.flatMap(({ effects }) => effects) }, table);
      if (first === -1 || what === "nothing") return [];
      const later = statements.slice(first).flatMap(({ effects }) => effects);
      const isLong = later.some(({ locks }) =>
        locks.some((lock) => lock.held === "growing" && tables.includes(lock.table)),
      );
      return [`${what} of ${table}${isLong ? ", long" : ""}`];
    })
    .join("<br>");
}

function blocked(
  { effects }: Pick<ReviewedStatement, "effects">,
  table: string,
): ReturnType<typeof blockedBy> {
  const lock = strongestLocks(effects).get(table);
  return lock === undefined ? "nothing" : blockedBy(lock.mode);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  if (!process.argv.includes("--check")) await writePage(root);
  else if (!existsSync(pathOf(root)) || readFileSync(pathOf(root), "utf8") !== (await pageOf())) {
    process.stderr.write("docs/prisma-changes.md is not what the review says: npm run prisma-changes\n");
    process.exitCode = 1;
  }
}
