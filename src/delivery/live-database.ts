import { randomUUID } from "node:crypto";
import type { Secret } from "@dagger.io/dagger";
import {
  compare,
  failedRows,
  historyEvidence,
  historyFaults,
  inspectDatabase,
  liveDriftEvidence,
  prismaOf,
  readMigrations,
  schemaStatements,
} from "../database/database.ts";
import { usageError } from "../model/errors.ts";
import type { Evidence } from "../model/evidence.ts";
import type { PlannedMigration } from "../model/plan.ts";
import { prismaLayout } from "../steps/steps.ts";
import type { Delivery } from "./delivery.ts";

/** What a live database says of itself. */
export interface LiveLook {
  /** The migrations that it has, by name; of those of the repository. */
  readonly applied: readonly string[];
  /** The statements that would make it as it is now. */
  readonly schema: readonly string[];
  /** Nothing is in it: nobody can use it. */
  readonly isEmpty: boolean;
  /** Named `live migrations` and `live drift`. */
  readonly evidence: readonly Evidence[];
}

/**
 * Looks at a live database, and changes nothing in it.
 * @param known what the ledger says of migrations that other releases have brought
 * @throws FairwayError DATABASE_UNREADABLE (exit 1)
 */
export async function lookAtDatabase(
  delivery: Delivery,
  url: Secret,
  known: readonly PlannedMigration[],
  repeat: string,
): Promise<LiveLook> {
  const { database } = await delivery.config();
  if (database === null)
    throw usageError("there is no database in fairway.yaml, so --database has no migrations to ask about", {
      code: "FLAG_WRONG",
      place: "--database",
    });
  const project = await delivery.project();
  const layout = await prismaLayout(project.source, database);
  const files = await readMigrations(project.source, layout);
  const asked = { url, operationId: `live/${randomUUID()}` };
  const { postgres } = database.prisma;
  const inspected = await inspectDatabase(project, asked, { files, postgres }, delivery.progress);
  const rows = inspected.rows ?? [];
  const status = compare(files, rows);
  const prisma = prismaOf(project, { layout });
  const { migrationsPath } = layout;
  const faults = historyFaults(status, failedRows(rows), { migrationsPath, known, prisma });
  const counts = { applied: status.applied.length, pending: status.pending.length };
  const doubtful = faults.map(({ name }) => name);
  return {
    applied: status.applied,
    schema: schemaStatements(inspected.objects),
    isEmpty: inspected.objects.length === 0 && rows.length === 0,
    evidence: [
      historyEvidence(faults, counts, repeat),
      liveDriftEvidence(inspected, {
        ...{ migrationsPath, doubtful, prisma, repeat },
        now: delivery.clock.now(),
      }),
    ],
  };
}
