import type { Container } from "@dagger.io/dagger";
import { failure, type FairwayError } from "../model/errors.ts";
import type { Progress } from "../model/progress.ts";
import { lastLines, outputOf, type Project, stepFailure } from "../steps/steps.ts";
import { failedError, prismaOf } from "./history.ts";
import { migrationFile, type MigrationFile, readMigrations } from "./migrations.ts";
import { type FailedMigration, type LiveDatabase, onLiveDatabase } from "./live.ts";
import { prismaStep, type PrismaStep } from "./prisma-step.ts";

/** How the migrations of the repository and of a live database compare. Names, oldest first. */
export interface DatabaseStatus {
  readonly applied: readonly string[];
  readonly pending: readonly MigrationFile[];
  /** Applied there, and not in the repository: a newer release's. */
  readonly unknown: readonly string[];
  /** Applied there with another text than the repository has now. */
  readonly changed: readonly EditedMigration[];
}

export interface EditedMigration {
  readonly name: string;
  /** SHA-256 of the text that was applied, in hexadecimal. */
  readonly appliedChecksum: string;
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
  const { status, failed } = await readStatus(project, step, database);
  if (failed.length > 0) throw failedError(failed, { ...step.layout, prisma: prismaOf(project, step) });
  return status;
}

/** The same, with those that failed, which are for others to judge. @throws FairwayError DATABASE_UNREADABLE (exit 1) */
export async function liveStatus(project: Project, database: LiveDatabase, progress: Progress) {
  return readStatus(project, await prismaStep(project, progress), database);
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
    changed: files.flatMap((file) => {
      const appliedChecksum = applied.get(file.name)?.checksum;
      return appliedChecksum === undefined || isText(file, appliedChecksum)
        ? []
        : [{ name: file.name, appliedChecksum }];
    }),
  };
}

/** As Prisma compares them: a text is the same with the line ends of Windows. */
function isText({ sql, checksum }: MigrationFile, applied: string): boolean {
  if (checksum === applied) return true;
  const other = sql.includes("\r\n") ? sql.replaceAll("\r\n", "\n") : sql.replaceAll("\n", "\r\n");
  return migrationFile("", "", other).checksum === applied;
}

/** With the workspace's own `pg`, the driver below Prisma's adapter; else by what `prisma migrate status` prints. */
export async function readStatus(
  project: Project,
  step: PrismaStep,
  database: LiveDatabase,
): Promise<{ status: DatabaseStatus; failed: readonly FailedMigration[] }> {
  const live = onLiveDatabase(step, database);
  const variable = step.database.prisma.url;
  const files = await readMigrations(project.source, step.layout);
  try {
    const text = await live
      .withExec(["node", "-e", askWithDriver, variable, answerFile])
      .file(answerFile)
      .contents();
    if (text !== noDriver) {
      const rows = JSON.parse(text) as MigrationRow[];
      return { status: compare(files, rows), failed: failedRows(rows) };
    }
  } catch (error) {
    throw unreadable(error, variable) ?? error;
  }
  const told = await outputOfStatus(
    live.withExec(step.command("migrate", "status", "--schema", step.layout.schema)),
  );
  const read = readStatusText(told.output, files);
  if (read === undefined)
    throw unreadable(told.error, variable) ?? new Error(`prisma migrate status: ${told.output}`);
  return read;
}

/** `prisma migrate status` ends with 1 when migrations are pending. */
async function outputOfStatus(step: Container): Promise<{ output: string; error: unknown }> {
  try {
    return { output: await step.stdout(), error: undefined };
  } catch (error) {
    const failed = stepFailure(error);
    if (failed === undefined) throw error;
    return { output: outputOf(failed), error };
  }
}

/** Exported for its tests. Undefined for a text that is none of those that Prisma is known to print. */
export function readStatusText(
  text: string,
  files: readonly MigrationFile[],
): { status: DatabaseStatus; failed: readonly FailedMigration[] } | undefined {
  const below = (heading: RegExp) => {
    const lines = text.split("\n").map((line) => line.trim());
    const at = lines.findIndex((line) => heading.test(line));
    if (at < 0) return [];
    const rest = lines.slice(at + 1);
    const end = rest.findIndex((line) => !/^\d+_?\w*$/.test(line));
    return end < 0 ? rest : rest.slice(0, end);
  };
  const pending = below(/have not yet been applied:$/i);
  const failed = below(/have failed:$/i);
  const unknown = below(/not found locally in .*:$/i);
  const known = new Set(files.map(({ name }) => name));
  const upToDate = /Database schema is up to date/i.test(text);
  if (!upToDate && pending.length + failed.length + unknown.length === 0) return undefined;
  if ([...pending, ...failed].some((name) => !known.has(name) && !unknown.includes(name))) return undefined;
  const open = new Set([...pending, ...failed]);
  return {
    status: {
      applied: files.filter(({ name }) => !open.has(name)).map(({ name }) => name),
      pending: files.filter(({ name }) => open.has(name)),
      unknown,
      changed: [],
    },
    failed: failed.map((name) => ({ name, logs: null })),
  };
}

function unreadable(error: unknown, variable: string): FairwayError | undefined {
  const failed = stepFailure(error);
  if (failed === undefined) return undefined;
  return failure("the database could not be asked which migrations it has", {
    code: "DATABASE_UNREADABLE",
    place: `fairway.yaml database.prisma.url (${variable})`,
    output: lastLines(outputOf(failed), 20),
    remedy:
      "The step's own words are above. Is the server running, and may its user read the table _prisma_migrations?",
    cause: error,
  });
}

const noDriver = "no driver";
const answerFile = "/tmp/fairway-migrations.json";

/** Runs in the step. The name of the schema is in the URL, as Prisma has it there. */
const askWithDriver = `
// ask the database for its migrations
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
  if (pg === undefined) return answer("${noDriver}");
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
