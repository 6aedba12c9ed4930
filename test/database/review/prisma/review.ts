import { type LockMode, lockModes } from "../../../../src/database/lock-modes.ts";
import { migrationFile, reviewMigrations } from "../../../../src/database/database.ts";
import type { Effects, OldCode, TableLock } from "../../../../src/database/review/effects/effects.ts";
import type { Phase } from "../../../../src/database/review/phase.ts";
import type { ReviewedStatement } from "../../../../src/database/review/review.ts";
import { usesOf } from "../../../../src/database/uses/uses.ts";
import { usesOfPrismaSchema } from "../../../../src/database/uses/prisma-schema.ts";
import type { RecordedMigration } from "./recorded.ts";

export interface ReviewedChange {
  readonly phase: Phase;
  /** The gravest of its statements. */
  readonly oldCode: OldCode["verdict"];
  readonly because: readonly string[];
  readonly statements: readonly ReviewedStatement[];
}

/** Reviews a migration that Prisma wrote, for a release before it that recorded its schema.prisma and has no SQL of its own. */
export async function reviewOf({ before, created, sql }: RecordedMigration): Promise<ReviewedChange> {
  const live = { label: "1.0.0 (live)", uses: { ...(await usesOfPrismaSchema(before)), sql: [] } };
  const files = [migrationFile("1_before", "1.sql", created), migrationFile("2_after", "2.sql", sql)];
  const { migrations } = await reviewMigrations(files, { applied: ["1_before"], uses: usesOf([live]) });
  const migration = migrations[0]!;
  const oldCode = migration.statements.flatMap(({ effects }) => effects.map((each) => each.oldCode));
  const verdict = verdicts.find((each) => oldCode.some((code) => code.verdict === each)) ?? "works";
  return {
    phase: migration.phase,
    oldCode: verdict,
    because: oldCode.filter((code) => code.verdict === verdict).map(({ because }) => because),
    statements: migration.statements,
  };
}

const verdicts = ["unknown", "breaks", "may break"] as const;

/** The strongest lock of each table, without those that only writers of the same rows mind. */
export function strongestLocks(effects: readonly Effects[]): Map<string, TableLock> {
  const found = new Map<string, TableLock>();
  for (const lock of effects.flatMap(({ locks }) => locks)) {
    const other = found.get(lock.table);
    if (strength(lock.mode) < strength("SHARE UPDATE EXCLUSIVE")) continue;
    if (other === undefined || strength(lock.mode) > strength(other.mode)) found.set(lock.table, lock);
  }
  return found;
}

function strength(mode: LockMode): number {
  return lockModes.indexOf(mode);
}
