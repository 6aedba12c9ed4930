/** The stories of the module's functions, each beside those of its kind. */
export type { OutputFormat } from "./answer.ts";
export { submitApproval } from "./approvals.ts";
export { backups, restoreDatabase } from "./backups.ts";
export { check, images } from "./checks.ts";
export { deploy } from "./deploy.ts";
export { migrations, type MigrationsOptions } from "./migrations.ts";
export type { ReviewFormat } from "./reports.ts";
export { plan, type PlanOptions } from "./plan.ts";
export { maintenance } from "./maintenance.ts";
export { record, verify, type RecordFormat, type VerifyOptions } from "./proof.ts";
export { promote } from "./promote.ts";
export { abortDeployment, down, resumeDeployment, rollback } from "./recovery.ts";
export { diff, history, status, type HistoryOptions } from "./views.ts";
