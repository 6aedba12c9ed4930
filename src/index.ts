export {
  blueGreen,
  canary,
  environment,
  errorRate,
  git,
  gitops,
  integration,
  scan,
  latency,
  lint,
  local,
  pipeline,
  postgres,
  prisma,
  rolling,
  script,
  service,
  stockPipeline,
  typecheck,
  unit,
  value,
  weekly,
  type BoundPipeline,
  type Pipeline,
  type PipelineDefinition,
} from "./pipeline.ts";
export {
  allRuleDocs as migrationRules,
  readMigrationFiles,
  reviewMigrations,
  usesOfPrismaSchema,
  usesOf,
  type Effects,
  type Finding,
  type MigrationFile,
  type MigrationReview,
  type Phase,
  type ReviewedMigration,
  type ReviewedStatement,
  type ReviewOptions,
  type Rule,
  type RuleDoc,
  type SafeStep,
  type Severity,
  type SqlFile,
  type Use,
  type Uses,
  type UsingRelease,
} from "./database/database.ts";
export { sarifFindings } from "./findings/findings.ts";
export { asEngineError } from "./delivery/outcome.ts";
export {
  defineCheck,
  type Check,
  type CheckAnswer,
  type CheckContext,
  type CheckOptions,
} from "./steps/steps.ts";
export { FairwayError, exitCodes, type ExitCode } from "./model/errors.ts";
export { systemClock, type Clock } from "./model/clock.ts";
export type { Evidence } from "./model/evidence.ts";
export type { Plan } from "./model/plan.ts";
