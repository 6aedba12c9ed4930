import { appendFile, copyFile, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Backups } from "../../../src/model/backup.ts";
import type { PlannedMigration } from "../../../src/model/plan.ts";
import type { ReleaseContext } from "../../../src/release/release.ts";
import { queryDatabaseAt, queryLocalDatabase } from "../../support/local-database.ts";
import { executors } from "../../../src/testing/testing.ts";

/** Where migrations are applied, and what backs it up. One that is applied twice is there twice. */
export interface CrashDatabase {
  readonly context: Pick<
    ReleaseContext,
    "executors" | "backups" | "backupPolicy" | "needs" | "databaseVariable"
  >;
  /** The names of the migrations that it has, in the order in which they came. */
  migrations(): Promise<string[]>;
  /** The backups that there are, by the deployments that made them. */
  backups(): Promise<readonly string[]>;
}

const services = [{ name: "api", port: 3040 }];

/** The target's own PostgreSQL, which the target backs up. */
export function ownDatabase(stateDirectory: string, backups: Backups | undefined): CrashDatabase {
  const urlIn = (secrets: Readonly<Record<string, string>>) => secrets["DATABASE_URL"] ?? "";
  const applied = "SELECT name FROM applied ORDER BY place";
  return {
    context: {
      executors: executors({
        migrate: async ({ migrations }, { secrets }) => {
          const values = migrations.map(({ name }) => `('${name}')`).join(", ");
          await queryDatabaseAt(
            urlIn(secrets),
            `CREATE TABLE IF NOT EXISTS applied (place serial, name text); INSERT INTO applied (name) VALUES ${values}`,
          );
          return { observed: "applied" };
        },
        migrationState: async ({ migrations }, { secrets }) => {
          const rows = await queryDatabaseAt<{ name: string }>(urlIn(secrets), applied);
          const names = rows.map(({ name }) => name);
          return stateOf(migrations, names);
        },
      }),
      backups,
      backupPolicy: { before: "migrations", keep: 3, script: null, restoreScript: null },
      needs: { services, postgres: "18" },
      databaseVariable: "DATABASE_URL",
    },
    migrations: async () => {
      const rows = await queryLocalDatabase<{ name: string }>(stateDirectory, applied);
      return rows.map(({ name }) => name);
    },
    backups: async () => (await backups?.list()) ?? [],
  };
}

/** A file that stands for a database somewhere else. Scripts copy it, and nobody can tell what became of a restore. */
export function foreignDatabase(directory: string): CrashDatabase {
  const file = join(directory, "database.txt");
  const read = async () =>
    (await readFile(file, "utf8").catch(() => "")).split("\n").filter((name) => name !== "");
  const copies = "snapshot-";
  return {
    context: {
      executors: executors({
        migrate: async ({ migrations }) => {
          for (const { name } of migrations) await appendFile(file, `${name}\n`);
          return { observed: "applied" };
        },
        migrationState: async ({ migrations }) => stateOf(migrations, await read()),
      }),
      backups: {
        make: async ({ id }) => {
          const reference = `${copies}${id}`;
          // Before the first migration there is no file yet.
          await appendFile(file, "");
          await copyFile(file, join(directory, reference));
          return { observed: `backup ${id} is ${reference}`, backup: { id, reference, sizeBytes: null } };
        },
        restore: async ({ reference }) => {
          await copyFile(join(directory, reference), file);
          return { observed: `the database is that of ${reference}`, backup: null };
        },
        restoreState: () => Promise.resolve("unknown"),
        list: () => Promise.resolve(null),
      },
      backupPolicy: { before: "migrations", keep: null, script: "db:backup", restoreScript: "db:restore" },
      needs: { services, postgres: null },
      databaseVariable: null,
    },
    migrations: read,
    backups: async () => {
      const names = (await readdir(directory)).filter((name) => name.startsWith(copies));
      return names.map((name) => name.slice(copies.length)).sort();
    },
  };
}

function stateOf(migrations: readonly PlannedMigration[], names: readonly string[]) {
  return migrations.every(({ name }) => names.includes(name)) ? "done" : "not done";
}
