import type { LockMode } from "../../src/database/lock-modes.ts";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { prismaAt } from "../../scripts/prisma-changes/prisma.ts";
import { blockedBy, type Effects } from "../../src/database/review/effects/effects.ts";
import { parseSql } from "../../src/database/review/sql/parse.ts";
import { messageOf, openSession, quote, type Session } from "../../src/database/measure/run/connection.ts";
import { createDatabase } from "../../src/host/postgres/postgres.ts";
import { type SchemaChange, schemaChanges } from "../database/review/prisma/changes.ts";
import { type RecordedMigration, recordedMigrations } from "../database/review/prisma/recorded.ts";
import { reviewOf, strongestLocks } from "../database/review/prisma/review.ts";
import { testServer, type TestServer } from "../database/measure/run/server.ts";
import { observed, type ObservedStatement } from "./prisma-changes/observed.ts";
import { oldClient } from "./prisma-changes/old-client.ts";

let server: TestServer;
let prisma: Awaited<ReturnType<typeof prismaAt>>;
const clients = new Map<string, Promise<string>>();
let databases = 0;

beforeAll(async () => {
  server = await testServer();
  prisma = await prismaAt(server.postgres.url());
});

afterAll(async () => {
  await prisma[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

/** The client of the previous release; many changes start from the same. */
async function clientOf(schema: string): Promise<string> {
  const found = clients.get(schema) ?? prisma.generate(schema);
  clients.set(schema, found);
  return found;
}

describe("on PostgreSQL, and for the Prisma client of the previous release,", () => {
  it.each(schemaChanges)("$title does what the review says", async (change) => {
    const migration = recordedMigrations().find(({ title }) => title === change.title)!;
    const url = await databaseBefore(migration);
    await using old = await oldClient(await clientOf(migration.before), migration.before, url);
    expect(await old.useAll(), "before the migration").toEqual([]);
    const rows = await old.readAll();
    await checkRefusal(migration, change, url);
    if (change.refused === "always") return;

    const statements = await statementsOf(migration.sql);
    const seen = await observed(url, statements);
    const review = await reviewOf(migration);
    expect(seen).toEqual(
      expected(
        seen,
        review.statements.map(({ effects }) => effects),
      ),
    );

    // What it wrote itself is what it reads; where the migration was refused, it is gone.
    const keepsRows = change.refused !== undefined || isDeepStrictEqual(await old.readAll(), rows);
    const failures = await old.useAll();
    if (!keepsRows) failures.push({ use: "read", message: "rows that it wrote are not read as they were" });
    if (review.oldCode === "works") expect(failures).toEqual([]);
    else if (change.harmless === undefined) expect(failures, review.because.join("; ")).not.toEqual([]);
    else expect({ oldCode: review.oldCode, failures }).toEqual({ oldCode: "may break", failures: [] });
  });
});

async function databaseBefore({ created }: RecordedMigration): Promise<string> {
  const name = `before_${String(++databases)}`;
  await createDatabase(server.postgres, name);
  await using session = await openSession(server.postgres.url(name));
  await session.query(created);
  return server.postgres.url(name);
}

/** The rows of the old code are there: PostgreSQL takes the migration, or refuses it until they are gone. */
async function checkRefusal(
  { sql }: RecordedMigration,
  { refused }: SchemaChange,
  url: string,
): Promise<void> {
  await using session = await openSession(url);
  const statements = (await statementsOf(sql)).filter((text) => !/^(BEGIN|COMMIT)$/.test(text));
  const said = await tried(session, statements);
  if (refused === undefined) {
    expect(said).toBeNull();
    return;
  }
  expect(said).not.toBeNull();
  const rows = await session.query<{ name: string }>(
    "SELECT relname::text AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
  );
  await session.query(`TRUNCATE ${rows.map(({ name }) => quote(name)).join(", ")}`);
  if (refused === "always") expect(await tried(session, statements)).not.toBeNull();
}

/** What PostgreSQL says against them; null where it takes them. None of them stays. */
async function tried(session: Session, statements: readonly string[]): Promise<string | null> {
  await session.query("BEGIN");
  const said = await inOrder(session, statements).then(() => null, messageOf);
  await session.query("ROLLBACK");
  return said;
}

async function inOrder(session: Session, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await session.query(statement);
}

async function statementsOf(sql: string): Promise<string[]> {
  const parsed = await parseSql(sql);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.statements.map(({ text }) => text.replace(/^(\s|--[^\n]*\n|\/\*.*?\*\/)*/s, ""));
}

/** What is to be seen after each statement by what the review says of it and those before it. */
function expected(
  seen: readonly ObservedStatement[],
  effects: readonly (readonly Effects[])[],
): ObservedStatement[] {
  const tables = new Set(seen.flatMap(({ known }) => known));
  return seen.map(({ sql, known }, index) => {
    const strongest = [...strongestLocks(effects.slice(0, index + 1).flat())].filter(([table]) =>
      tables.has(table),
    );
    const locks = Object.fromEntries(strongest.map(([table, { mode }]): [string, LockMode] => [table, mode]));
    const waits = (...what: ReturnType<typeof blockedBy>[]) =>
      known.filter((table) => locks[table] !== undefined && what.includes(blockedBy(locks[table])));
    return {
      sql,
      known,
      rewritten: known.filter((table) =>
        (effects[index] ?? []).some(({ rewrites }) => rewrites.includes(table)),
      ),
      locks,
      readsWait: waits("reads and writes"),
      writesWait: waits("reads and writes", "writes"),
    };
  });
}
