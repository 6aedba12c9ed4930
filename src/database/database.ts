export { requireScripts, scriptBackups, type BackupScripts } from "./backup.ts";
export { checkDrift } from "./drift.ts";
export type { LiveDatabase } from "./live.ts";
export * from "./measure/measure.ts";
export { migrateDeploy, rehearseMigrations } from "./migrate.ts";
export { migrationFile, type MigrationFile, readMigrations } from "./migrations.ts";
export {
  type MigrationReview,
  type Finding,
  type ReviewedMigration,
  type ReviewOptions,
  reviewMigrations,
} from "./review/review.ts";
export { type DatabaseStatus, pendingMigrations } from "./status.ts";
export type { Uses } from "./review/situation.ts";
export { usesOfPrismaSchema } from "./uses/prisma-schema.ts";
export { usesOf, type UsingRelease } from "./uses/uses.ts";
