import type { Evidence } from "../../model/evidence.ts";
import { comparable, type Difference, differences } from "./compare.ts";
import type { Inspected } from "./objects.ts";

export interface LiveDriftContext {
  /** The folder of migrations, from the repository's root. */
  readonly migrationsPath: string;
  /** Those of which it is not known what they did: failed, edited, or missing here. */
  readonly doubtful: readonly string[];
  /** A command of Prisma as it is typed at the repository's root. */
  readonly prisma: (...words: readonly string[]) => string;
  /** The command that asks again. */
  readonly repeat: string;
  readonly now: Date;
}

/**
 * Named `live drift`: whether the database is what the migrations make that are applied there, those that are pending left
 * aside. A difference is a fail that holds the SQL of both ways; insufficient where it may be the doing of a migration
 * whose text is not known.
 */
export function liveDriftEvidence(inspected: Inspected, context: LiveDriftContext): Evidence {
  const base = { name: "live drift", durationMs: 0 };
  const { made, rows, objects, postgres } = inspected;
  if ("problem" in made) {
    return {
      ...base,
      verdict: "insufficient",
      summary: `${made.migration}, which is applied there, does not apply to an empty database`,
      details: made.problem,
      missing: "Migrations that can be replayed: without, nobody can tell what the database should be.",
    };
  }
  if (rows === null && objects.length > 0) return { ...base, ...withoutRecord(context) };
  const compared = comparable(inspected);
  const found = differences(compared.live, compared.made);
  if (found.length === 0)
    return { ...base, verdict: "pass", summary: "the database is what the migrations make that it has" };
  const summary = `the database differs from what its migrations make in ${count(found.length)}`;
  const details = detailsOf(found, context);
  if (context.doubtful.length > 0) {
    const missing = `What ${context.doubtful.join(", ")} did there: see live migrations.`;
    return { ...base, verdict: "insufficient", summary, details, missing };
  }
  if (made.postgres !== postgres) {
    const missing =
      `A comparison on the same version: the database is PostgreSQL ${String(postgres)}, and the migrations were replayed on ` +
      `${String(made.postgres)}. Set database.prisma.postgres in fairway.yaml to "${String(postgres)}".`;
    return { ...base, verdict: "insufficient", summary, details, missing };
  }
  return { ...base, verdict: "fail", summary, details, repeat: context.repeat };
}

function withoutRecord({ migrationsPath, prisma }: LiveDriftContext) {
  return {
    verdict: "insufficient",
    summary: "the database has tables, and no record of migrations",
    details:
      "Prisma takes all migrations to be pending there. Say of each that the database has already, oldest first:\n" +
      prisma("migrate", "resolve", "--applied", "<migration>"),
    missing: `Which migrations of ${migrationsPath} the database has.`,
  } satisfies Partial<Evidence>;
}

/** Each difference, then both ways out of it. */
function detailsOf(found: readonly Difference[], context: LiveDriftContext): string {
  const shown = found.slice(0, most);
  const left = found.length - shown.length;
  return [
    ...shown.map(differenceText),
    ...(left === 0 ? [] : [`and ${String(left)} more`]),
    ...keepText(found, context),
    "",
    "To take it back instead, as a user who may write:",
    ...sqlText(found.map(({ back, kind, name }) => back ?? byHand(kind, name))),
  ].join("\n");
}

const most = 40;

const places = {
  database: "only in the database",
  migrations: "not in the database",
  both: "different in the database",
} as const;

function differenceText({ kind, name, in: where }: Difference): string {
  return `${places[where]}: ${kind} ${name}`;
}

/** A migration of what is there: the others apply it, and this database is told that it has it. */
function keepText(found: readonly Difference[], { migrationsPath, prisma, now }: LiveDriftContext): string[] {
  const name = `${now.toISOString().replace(/\D/g, "").slice(0, 14)}_as_the_database_is`;
  return [
    "",
    `To keep it, write ${migrationsPath}/${name}/migration.sql:`,
    ...sqlText(found.map(({ forward, kind, name: what }) => forward ?? byHand(kind, what))),
    "change schema.prisma alike, and say that this database has it already:",
    `  ${prisma("migrate", "resolve", "--applied", name)}`,
  ];
}

function byHand(kind: string, name: string): string {
  return `-- ${kind} ${name}: by hand`;
}

function sqlText(statements: readonly string[]): string[] {
  return statements.map((sql) => `${sql}${sql.startsWith("--") ? "" : ";"}`.replace(/^/gm, "  "));
}

function count(differing: number): string {
  return differing === 1 ? "1 object" : `${String(differing)} objects`;
}
