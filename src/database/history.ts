import { failure, type FairwayError, held } from "../model/errors.ts";
import type { Evidence } from "../model/evidence.ts";
import { breaksOlderCode, type PlannedMigration } from "../model/plan.ts";
import { lastLines, type Project } from "../steps/steps.ts";
import type { FailedMigration } from "./live.ts";
import type { PrismaStep } from "./prisma-step.ts";
import { restoreApplied, restoreMissing, typedPrisma } from "./repair.ts";
import type { DatabaseStatus } from "./status.ts";

/** In what a database's migrations and those of the repository do not agree. */
export interface HistoryFault {
  readonly kind: "failed" | "edited" | "missing";
  readonly name: string;
  /** `prisma/migrations/20261103120000_orders/migration.sql` */
  readonly path: string;
  /** What it means, in one sentence. */
  readonly what: string;
  /** What to do about it; commands stand on lines of their own. */
  readonly repair: string;
  /** What PostgreSQL said, where Prisma kept it. */
  readonly logs: string | null;
  /** Missing, and known to break nothing: the ledger says that it only expands, or writes rows. */
  readonly harmless: boolean;
}

export interface HistoryContext {
  /** The folder of migrations, from the repository's root. */
  readonly migrationsPath: string;
  /** What is known of migrations that other releases have brought: from the ledger. */
  readonly known: readonly PlannedMigration[];
  /** A command of Prisma as it is typed at the repository's root. */
  readonly prisma: (...words: readonly string[]) => string;
}

/** Failed ones first: nothing is applied before they are resolved. */
export function historyFaults(
  { unknown, changed }: Pick<DatabaseStatus, "unknown" | "changed">,
  failed: readonly FailedMigration[],
  { migrationsPath, known, prisma }: HistoryContext,
): HistoryFault[] {
  const pathOf = (name: string) => `${migrationsPath}/${name}/migration.sql`;
  const base = (name: string) => ({ name, path: pathOf(name), logs: null, harmless: false });
  const phases = new Map(known.map((migration) => [migration.name, migration]));
  return [
    ...failed.map(({ name, logs }): HistoryFault => ({
      ...base(name),
      kind: "failed",
      what: "it began there, and did not end: nothing more is applied until somebody has said what is in the database",
      repair: resolveRemedy(name, prisma),
      logs,
    })),
    ...changed.map(({ name, appliedChecksum }): HistoryFault => ({
      ...base(name),
      kind: "edited",
      what:
        "it was edited after it was applied there: the database has what the earlier text made, and what is said here " +
        "of those that come next may be wrong",
      repair:
        `Bring back the text that was applied (SHA-256 ${appliedChecksum}), and put what was changed into a migration of its own:\n` +
        restoreApplied(pathOf(name), appliedChecksum),
    })),
    ...unknown.map((name): HistoryFault => {
      const its = phases.get(name);
      const harmless = its !== undefined && !breaksOlderCode(its.phase) && its.liveCode === undefined;
      return {
        ...base(name),
        kind: "missing",
        harmless,
        what: harmless
          ? "it is applied there, and is not in this commit: another release brought it, and code without it goes on working"
          : "it is applied there, and is not in this commit: nobody knows whether this commit's code works with what it did",
        repair: `Deploy a commit that has it; or bring the file back, from whatever branch has it:\n${restoreMissing(pathOf(name))}`,
      };
    }),
  ];
}

export function prismaOf(project: Project, { layout }: Pick<PrismaStep, "layout">): HistoryContext["prisma"] {
  return (...words) => typedPrisma(project.toolchain, layout, ...words);
}

/** @param failed none where Prisma says that there are, and not which */
export function failedError(
  failed: readonly FailedMigration[],
  context: Omit<HistoryContext, "known">,
): FairwayError {
  const faults = historyFaults({ unknown: [], changed: [] }, failed, { ...context, known: [] });
  return (
    historyError(faults) ??
    held("a migration failed before and was not resolved", {
      code: "MIGRATION_FAILED_BEFORE",
      place: context.migrationsPath,
      remedy: resolveRemedy("<migration>", context.prisma),
    })
  );
}

/** What to type once somebody has looked at the database. */
export function resolveRemedy(name: string, prisma: HistoryContext["prisma"]): string {
  return (
    "Look at the database. When nothing of the migration is in it (or what was is taken back), say so:\n" +
    `${prisma("migrate", "resolve", "--rolled-back", name)}\n` +
    "When all of it is in it:\n" +
    prisma("migrate", "resolve", "--applied", name)
  );
}

/**
 * Named `live migrations`: the same verdicts as a deploy's. Fail for an edited one, which the repository has to mend;
 * insufficient for a failed one, and for one that is missing here and of which nobody knows what it did.
 */
export function historyEvidence(
  faults: readonly HistoryFault[],
  { applied, pending }: { readonly applied: number; readonly pending: number },
  repeat: string,
): Evidence {
  const base = { name: "live migrations", durationMs: 0 };
  const details = faults.map(faultText).join("\n");
  const withDetails = { ...base, ...(details === "" ? {} : { details }) };
  const open = faults.filter(({ harmless }) => !harmless);
  if (open.length === 0) {
    const others = faults.length === 0 ? "" : `; ${namesOf(faults)} of another release, which breaks nothing`;
    return {
      ...withDetails,
      verdict: "pass",
      summary: `${String(applied)} applied, ${String(pending)} pending${others}`,
    };
  }
  const summary = kinds
    .flatMap(([kind, one, more]) => {
      const found = open.filter((fault) => fault.kind === kind);
      return found.length === 0 ? [] : [`${namesOf(found)} ${found.length === 1 ? one : more}`];
    })
    .join("; ");
  if (open.some(({ kind }) => kind === "edited"))
    return { ...base, details, verdict: "fail", summary, repeat };
  return {
    ...withDetails,
    verdict: "insufficient",
    summary,
    missing: `What ${namesOf(open)} did to the database, said by a person: see the repair of each.`,
  };
}

/** In words of a summary, gravest first. */
const kinds: readonly (readonly [HistoryFault["kind"], string, string])[] = [
  ["failed", "failed there and is not resolved", "failed there and are not resolved"],
  ["edited", "was edited after it was applied", "were edited after they were applied"],
  ["missing", "is applied there and missing here", "are applied there and missing here"],
];

/**
 * The same as an error, for whoever would migrate now; undefined where nothing is in the way.
 * @returns FairwayError MIGRATION_FAILED_BEFORE (exit 3), MIGRATION_EDITED (exit 1) or MIGRATION_MISSING (exit 3)
 */
export function historyError(
  faults: readonly HistoryFault[],
  where = "the database",
): FairwayError | undefined {
  for (const [kind] of kinds) {
    const found = faults.filter((fault) => fault.kind === kind && !fault.harmless);
    const [first] = found;
    if (first === undefined) continue;
    const logs = found.flatMap((fault) => (fault.logs === null ? [] : [lastLines(fault.logs, 20)]));
    const details = {
      place: first.path,
      ...(logs.length === 0 ? {} : { output: logs.join("\n") }),
      remedy: found.map(({ repair }) => repair).join("\n"),
    };
    if (kind === "failed")
      return held(`a migration failed before and was not resolved: ${namesOf(found)}`, {
        code: "MIGRATION_FAILED_BEFORE",
        ...details,
      });
    if (kind === "edited")
      return failure(
        `${namesOf(found)} ${found.length === 1 ? "was" : "were"} edited after ${where} got ${found.length === 1 ? "it" : "them"}: ` +
          "it has what the earlier text made. Nothing was applied.",
        { code: "MIGRATION_EDITED", ...details },
      );
    return held(
      `${where} has ${namesOf(found)}, which ${found.length === 1 ? "is" : "are"} not in this commit: nobody knows whether its code ` +
        "works with what was done. Nothing was applied.",
      { code: "MIGRATION_MISSING", ...details },
    );
  }
  return undefined;
}

function faultText({ kind, path, what, repair, logs }: HistoryFault): string {
  return [
    `${path}: ${kind}: ${what}`,
    ...(logs === null || logs.trim() === "" ? [] : [indented(`PostgreSQL said: ${lastLines(logs, 20)}`)]),
    indented(repair),
  ].join("\n");
}

function indented(text: string): string {
  return text.replace(/^/gm, "  ");
}

function namesOf(faults: readonly { readonly name: string }[]): string {
  return faults.map(({ name }) => name).join(", ");
}
