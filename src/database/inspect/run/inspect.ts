import { randomUUID } from "node:crypto";
import { openSession, type Session } from "../../measure/run/connection.ts";
import type { MigrationRow } from "../../status.ts";
import type { Inspected, InspectInput } from "../objects.ts";
import { readObjects } from "./catalog.ts";
import { addressOf, openReadOnly, useSchema } from "./read-only.ts";

/** What a live database is made of, and what the migrations that it has make of an empty one. The live one is only read. */
export async function inspect(url: string, { empty, migrations }: InspectInput): Promise<Inspected> {
  const { schema } = addressOf(url);
  const live = await readLive(url, schema);
  const applied = new Set((live.rows ?? []).filter(isApplied).map(({ name }) => name));
  const earlier = migrations.filter(({ name }) => applied.has(name));
  return { ...live, made: await replayed(empty, schema, earlier) };
}

async function readLive(url: string, schema: string): Promise<Omit<Inspected, "made">> {
  await using session = await openReadOnly(url);
  return {
    postgres: await versionOf(session),
    rows: await readRows(session, schema),
    objects: await readObjects(session),
  };
}

function isApplied({ finished, rolledBack }: MigrationRow): boolean {
  return finished && !rolledBack;
}

async function versionOf(session: Session): Promise<number> {
  const [row] = await session.query<{ version: number }>(
    "SELECT current_setting('server_version_num')::int / 10000 AS version",
  );
  return row?.version ?? 0;
}

async function readRows(session: Session, schema: string): Promise<MigrationRow[] | null> {
  const table = "format('%I.%I', $1::text, '_prisma_migrations')";
  const [there] = await session.query<{ name: string | null }>(
    `SELECT CASE WHEN to_regclass(${table}) IS NOT NULL THEN ${table} END AS name`,
    [schema],
  );
  if (there?.name == null) return null;
  return session.query<MigrationRow>(`
    SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS finished, rolled_back_at IS NOT NULL AS "rolledBack", logs
    FROM ${there.name} ORDER BY started_at`);
}

async function replayed(
  url: string,
  schema: string,
  migrations: InspectInput["migrations"],
): Promise<Inspected["made"]> {
  // The server may have been used before.
  const database = `inspect_${randomUUID().replaceAll("-", "")}`;
  {
    await using server = await openSession(url);
    await server.query(`CREATE DATABASE ${database}`);
  }
  await using session = await openSession(url, database);
  await session.query(`CREATE SCHEMA IF NOT EXISTS "${schema.replaceAll('"', '""')}"`);
  for (const { name, parts } of migrations) {
    try {
      // As Prisma does: each begins in the schema of the URL, whatever the one before has set.
      await session.query("RESET ALL");
      await session.query("SELECT set_config('search_path', quote_ident($1), false)", [schema]);
      for (const part of parts) await session.query(part);
    } catch (error) {
      return { migration: name, problem: error instanceof Error ? error.message : String(error) };
    }
  }
  await session.query("BEGIN");
  await useSchema(session, schema);
  return { postgres: await versionOf(session), objects: await readObjects(session) };
}
