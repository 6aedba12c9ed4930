import { usageError } from "../../../model/errors.ts";
import type { Database } from "./database.ts";
import { ledgerMigrations } from "./migrations.ts";

/**
 * Brings the tables of a schema to this version's. Any number of processes may ask at once.
 * @throws FairwayError LEDGER_TOO_NEW (exit 2) when a newer Fairway was here
 */
export async function migrate(database: Database, schema: string, lockKey: bigint): Promise<void> {
  const newest = ledgerMigrations.at(-1)?.version ?? 0;
  // Asked without the lock first: a role that may not create anything can still use what is there.
  const found = await versionIn(database, schema);
  if (found > newest) throw tooNew(found, newest, database.place);
  if (found === newest) return;
  await database.transaction(async (client) => {
    await client.query(
      `BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock(${String(lockKey)})`,
    );
    // IF NOT EXISTS would ask for the right to create one also when it exists.
    const there = await client.query<{ yes: boolean }>("SELECT to_regnamespace($1) IS NOT NULL AS yes", [
      schema,
    ]);
    if (there.rows[0]?.yes !== true) await client.query(`CREATE SCHEMA ${schema}`);
    await client.query(
      `SET LOCAL search_path TO ${schema};
       CREATE TABLE IF NOT EXISTS migrations (
         version integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now()
       )`,
    );
    const { rows } = await client.query<{ version: number }>("SELECT version FROM migrations");
    const applied = new Set(rows.map(({ version }) => version));
    for (const { version, name, sql } of ledgerMigrations) {
      if (applied.has(version)) continue;
      await client.query(sql);
      await client.query("INSERT INTO migrations (version, name) VALUES ($1, $2)", [version, name]);
    }
    await client.query("COMMIT");
  });
}

async function versionIn(database: Database, schema: string): Promise<number> {
  const there = await database.query<{ table: string | null }>("SELECT to_regclass($1)::text AS table", [
    `${schema}.migrations`,
  ]);
  if (there[0]?.table === null) return 0;
  const rows = await database.query<{ version: number | null }>(
    `SELECT max(version) AS version FROM ${schema}.migrations`,
  );
  return rows[0]?.version ?? 0;
}

function tooNew(found: number, newest: number, place: string) {
  return usageError(
    `the ledger has tables of version ${String(found)}, and this Fairway knows them up to ${String(newest)}`,
    { code: "LEDGER_TOO_NEW", place, remedy: "npm install --save-dev @fairway/sdk@latest" },
  );
}
