import { z } from "zod";
import { configSchema } from "./schema.ts";

export { approvalPolicyFor, type ApprovalsConfig, type ApprovedChanges } from "./environment/approvals.ts";
export {
  type FreezeRule,
  isDay,
  type LastWeekRule,
  parseRecurrence,
  type RecurrenceRule,
  wallTime,
  weekly,
  type WeeklyRule,
  type WindowRule,
} from "./windows/windows.ts";
export { environmentFields } from "./environment/environment.ts";
export type { ChecklistItem } from "./environment/checklist.ts";
export type { DependencyConfig } from "./environment/dependencies.ts";
export type { MetricSourceConfig } from "./environment/metrics.ts";
export type { FindingsConfig, Length } from "./findings.ts";
export { problemsOf } from "./issues.ts";
export {
  checkedValue,
  loadConfig,
  loadDocument,
  type LoadOptions,
  type SoundConfig,
  soundConfig,
  soundPart,
  validateConfig,
} from "./load.ts";
export { defaultTimeoutMinutes } from "./time-limit.ts";
export { knownNames, pathText, problem, type Problem } from "./problems.ts";
export {
  backupOf,
  type BackupSettings,
  environmentOf,
  findingsFor,
  ledgerOf,
  registryOf,
  type ServiceSettings,
  serviceSettings,
} from "./settings.ts";
export {
  type CheckConfig,
  type Config,
  type ConfigInput,
  type DatabaseConfig,
  type EnvironmentConfig,
  type RegistryConfig,
  type ServiceConfig,
} from "./schema.ts";
export { label, replicas } from "./names.ts";
export type { ScanConfig, ScannerName } from "./scan.ts";
export { validate } from "./validate.ts";
export { timeZone } from "./windows/time-zone.ts";

/** The JSON schema of fairway.yaml (draft 2020-12), for editors; committed as fairway.schema.json. */
export function jsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(configSchema, { io: "input", target: "draft-2020-12" });
  return { ...schema, title: "fairway.yaml" };
}
