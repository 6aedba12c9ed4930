import { randomUUID } from "node:crypto";
import { environmentOf } from "../config/config.ts";
import {
  compare,
  type DatabaseStatus,
  type FailedMigration,
  historyEvidence,
  historyFaults,
  liveStatus,
  prismaOf,
  type MigrationFile,
} from "../database/database.ts";
import type { Evidence } from "../model/evidence.ts";
import type { EnvironmentState, ReleaseContext } from "../release/release.ts";
import { prismaLayout } from "../steps/steps.ts";
import { migrationFiles } from "./candidate.ts";
import type { Delivery } from "./delivery.ts";

/**
 * Named `live migrations`: whether the migrations that an environment's database has and those of the repository agree, before
 * anything is begun. The ledger says so; where something is to be migrated, or the ledger sees a fault, the database itself
 * decides, unless it is one that only runs once the deploy has begun.
 */
export async function historyEvidenceOf(
  delivery: Delivery,
  environment: string,
  { secrets }: Pick<ReleaseContext, "secrets">,
  state: EnvironmentState,
): Promise<Evidence[]> {
  const config = await delivery.config();
  const { database } = config;
  if (database === null) return [];
  const project = await delivery.project();
  const layout = await prismaLayout(project.source, database);
  const { migrationsPath } = layout;
  const files = await migrationFiles(delivery);
  const judged = ({ status, failed }: Found) => ({
    status,
    faults: historyFaults(status, failed, {
      migrationsPath,
      known: state.appliedMigrations,
      prisma: prismaOf(project, { layout }),
    }),
  });
  const byLedger = judged({ status: statusByLedger(files, state), failed: [] });
  const url =
    environmentOf(config, environment).target === "local" ? undefined : secrets[database.prisma.url];
  const isSettled = byLedger.status.pending.length + byLedger.faults.length === 0;
  const { status, faults } =
    url === undefined || url === "" || isSettled
      ? byLedger
      : judged(await liveStatus(project, asked(delivery, url), delivery.progress));
  const counts = { applied: status.applied.length, pending: status.pending.length };
  const again = `${delivery.command} migrations --env ${environment}`;
  return [historyEvidence(faults, counts, again), ...takeoverEvidence(status, state, environment)];
}

/**
 * Named `live code`: where Fairway has released nothing yet, and the database has migrations all the same, some code serves from
 * it of which nobody knows what it uses. That matters once something is to be migrated.
 */
export function takeoverEvidence(
  { applied, pending }: Pick<DatabaseStatus, "applied" | "pending">,
  { hasServed, appliedMigrations }: Pick<EnvironmentState, "hasServed" | "appliedMigrations">,
  environment: string,
): Evidence[] {
  const known = new Set(appliedMigrations.map(({ name }) => name));
  const others = applied.filter((name) => !known.has(name));
  const last = others.at(-1);
  if (hasServed || last === undefined || pending.length === 0) return [];
  return [
    {
      ...{ name: "live code", verdict: "insufficient", durationMs: 0 },
      summary: `${environment} has ${String(others.length)} migrations that were not applied by Fairway, and code that Fairway did not release`,
      missing:
        `What that code uses. Deploy the commit first that is live there, in which nothing comes after ${last}: ` +
        "then Fairway knows what is live, and what its migrations may do.",
    },
  ];
}

interface Found {
  readonly status: DatabaseStatus;
  readonly failed: readonly FailedMigration[];
}

function asked({ dag }: Delivery, url: string) {
  const operationId = `live-migrations/${randomUUID()}`;
  return { url: dag.setSecret(operationId, url), operationId };
}

/** What was written down without its text is taken to have the same. */
export function statusByLedger(
  files: readonly MigrationFile[],
  { appliedMigrations }: Pick<EnvironmentState, "appliedMigrations">,
): DatabaseStatus {
  const texts = new Map(files.map(({ name, checksum }) => [name, checksum]));
  const rows = appliedMigrations.map(({ name, checksum = "" }) => ({
    ...{ name, finished: true, rolledBack: false, logs: null },
    checksum: checksum === "" ? (texts.get(name) ?? "") : checksum,
  }));
  return compare(files, rows);
}
