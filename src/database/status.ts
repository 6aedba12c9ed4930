import type { Container } from "@dagger.io/dagger";
import { failure } from "../model/errors.ts";
import type { Progress } from "../model/progress.ts";
import { lastLines, outputOf, type Project, stepFailure } from "../steps/steps.ts";
import { type MigrationFile, readMigrations } from "./migrations.ts";
import { failedBefore, type LiveDatabase, onLiveDatabase } from "./migrate.ts";
import { prismaStep, type PrismaStep } from "./prismaStep.ts";

/** How the migrations of the repository and of a live database compare. Names, oldest first. */
export interface DatabaseStatus {
  readonly applied: readonly string[];
  readonly pending: readonly MigrationFile[];
  /** Applied there, and not in the repository: a newer release's. */
  readonly unknown: readonly string[];
  /** Applied there with another text than the repository has now. */
  readonly changed: readonly string[];
}

/** A row of Prisma's table _prisma_migrations. */
export interface MigrationRow {
  readonly name: string;
  readonly checksum: string;
  readonly finished: boolean;
  readonly rolledBack: boolean;
  readonly logs: string | null;
}

/**
 * Asks a live database which migrations it has. Changes nothing.
 * @throws FairwayError MIGRATION_FAILED_BEFORE (exit 3) where one failed and nobody resolved it.
 */
export async function pendingMigrations(
  project: Project,
  database: LiveDatabase,
  progress: Progress,
): Promise<DatabaseStatus> {
  const step = await prismaStep(project, progress);
  const [files, rows] = await Promise.all([
    readMigrations(project.source, step.layout),
    readRows(project, step, database),
  ]);
  const failed = failedRows(rows);
  if (failed.length > 0) throw failedBefore(failed, step.layout.migrationsPath);
  return compare(files, rows);
}

/** Migrations that began, did not end, and were not declared as rolled back. */
export function failedRows(rows: readonly MigrationRow[]): MigrationRow[] {
  return rows.filter(({ finished, rolledBack }) => !finished && !rolledBack);
}

export function compare(files: readonly MigrationFile[], rows: readonly MigrationRow[]): DatabaseStatus {
  const applied = new Map(
    rows.filter(({ finished, rolledBack }) => finished && !rolledBack).map((row) => [row.name, row]),
  );
  const names = new Set(files.map(({ name }) => name));
  return {
    applied: files.filter(({ name }) => applied.has(name)).map(({ name }) => name),
    pending: files.filter(({ name }) => !applied.has(name)),
    unknown: [...applied.keys()].filter((name) => !names.has(name)).sort(),
    changed: files
      .filter(({ name, checksum }) => (applied.get(name)?.checksum ?? checksum) !== checksum)
      .map(({ name }) => name),
  };
}

/** With the workspace's own `pg` (the driver below Prisma's adapter), else with psql of the PostgreSQL image. */
async function readRows(project: Project, step: PrismaStep, database: LiveDatabase): Promise<MigrationRow[]> {
  const variable = step.database.prisma.url;
  try {
    const text = await answered(
      onLiveDatabase(step, database).withExec(["node", "-e", askWithDriver, variable, answerFile]),
    );
    if (text !== "no driver") return JSON.parse(text) as MigrationRow[];
    const psql = project.client
      .container()
      .from(project.images.postgres(step.database.prisma.postgres))
      .withEnvVariable("FAIRWAY_OPERATION", database.operationId)
      .withSecretVariable("DATABASE_URL", database.url)
      .withExec(["sh", "-euc", askWithPsql, answerFile]);
    return JSON.parse((await answered(psql)).trim()) as MigrationRow[];
  } catch (error) {
    const failed = stepFailure(error);
    if (failed === undefined) throw error;
    throw failure("the database could not be asked which migrations it has", {
      code: "DATABASE_UNREADABLE",
      place: `fairway.yaml database.prisma.url (${variable})`,
      output: lastLines(outputOf(failed), 20),
      remedy:
        "The step's own words are above. Is the server running, and may its user read the table _prisma_migrations?",
      cause: error,
    });
  }
}

const answerFile = "/tmp/fairway-migrations.json";

function answered(step: Container): Promise<string> {
  return step.file(answerFile).contents();
}

/** Runs in the step. The name of the schema is in the URL, as Prisma has it there. */
const askWithDriver = `
const { writeFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const [variable, answerFile] = process.argv.slice(1);
const roots = [process.cwd() + "/package.json", "/workspace/package.json", "/workspace/node_modules/.pnpm/node_modules/_.js"];
let pg;
for (const root of roots) {
  const from = createRequire(root);
  for (const through of [null, "@prisma/adapter-pg"]) {
    try { pg ??= (through === null ? from : createRequire(from.resolve(through)))("pg"); } catch {}
  }
}
const answer = (value) => writeFileSync(answerFile, typeof value === "string" ? value : JSON.stringify(value));
const main = async () => {
  if (pg === undefined) return answer("no driver");
  const url = new URL(process.env[variable]);
  const schema = url.searchParams.get("schema") ?? "public";
  for (const name of ["schema", "connection_limit", "pool_timeout", "pgbouncer", "socket_timeout"]) url.searchParams.delete(name);
  const client = new pg.Client({ connectionString: url.href, connectionTimeoutMillis: 15000, statement_timeout: 15000 });
  await client.connect();
  try {
    const table = pg.escapeIdentifier(schema) + '."_prisma_migrations"';
    const { rows: [{ found }] } = await client.query("select to_regclass($1) is not null as found", [table]);
    if (!found) return answer([]);
    const { rows } = await client.query(
      "select migration_name as name, checksum, finished_at is not null as finished, rolled_back_at is not null as " +
      '"rolledBack", logs from ' + table + " order by started_at");
    answer(rows);
  } finally { await client.end(); }
};
main().catch((error) => { console.error(error.message); process.exitCode = 1; });
`;

/** Runs in the step, on an image that has psql, which does not know the parameters that are Prisma's alone. */
const askWithPsql = `
schema=$(printf %s "$DATABASE_URL" | sed -n 's/.*[?&]schema=\\([^&]*\\).*/\\1/p')
url=$(printf %s "$DATABASE_URL" | sed -E 's/([?&])((schema|connection_limit|pool_timeout|pgbouncer|socket_timeout)=[^&]*&?)+/\\1/g; s/[?&]$//')
ask() { psql "$url" -XAtq -v ON_ERROR_STOP=1 -v schema="\${schema:-public}"; }
found=$(echo "select to_regclass(quote_ident(:'schema') || '._prisma_migrations') is not null" | ask)
if [ "$found" != t ]; then echo '[]' > "$0"; exit 0; fi
echo "select coalesce(json_agg(json_build_object('name', migration_name, 'checksum', checksum, 'finished',
  finished_at is not null, 'rolledBack', rolled_back_at is not null, 'logs', logs) order by started_at), '[]')
  from :\"schema\"._prisma_migrations" | ask > "$0"
`;
