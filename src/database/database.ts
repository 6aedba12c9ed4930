export { requireScripts, scriptBackups, type BackupScripts } from "./backup.ts";
export { checkDrift } from "./drift.ts";
export { historyEvidence, historyFaults, prismaOf } from "./history.ts";
export * from "./inspect/inspect.ts";
export type { FailedMigration, LiveDatabase } from "./live.ts";
export * from "./measure/measure.ts";
export { migrateDeploy, rehearseMigrations } from "./migrate.ts";
export { migrationFile, type MigrationFile, readMigrations } from "./migrations.ts";
export { blockedBy, type Effects } from "./review/effects/effects.ts";
export { strongest } from "./lock-modes.ts";
export type { Phase } from "./review/phase.ts";
export type { Example, Rule, SafeStep, Severity } from "./review/rules/rule.ts";
export { foundBy } from "./review/found.ts";
export { allRuleDocs, type RuleDoc } from "./review/rule-docs.ts";
export {
  type MigrationReview,
  type Finding,
  type ReviewedMigration,
  type ReviewedStatement,
  type ReviewOptions,
  reviewMigrations,
  type SqlFile,
} from "./review/review.ts";
export { readMigrationFiles, readSqlMigrations } from "./sql-files.ts";
export { compare, type DatabaseStatus, failedRows, liveStatus, pendingMigrations } from "./status.ts";
export type { Use, Uses } from "./review/situation.ts";
export { usesOfPrismaSchema } from "./uses/prisma-schema.ts";
export { usesInAny, usesOf, type UsingRelease } from "./uses/uses.ts";
