/**
 * The stories of the module's functions, each beside those of its kind. A story is loaded when it is told: a check does not wait
 * for the code of a canary.
 */
export type { OutputFormat } from "./answer.ts";
export type { CheckScope } from "./change.ts";
export type { CheckFormat } from "../report/checks/checks.ts";
export type { MigrationsOptions } from "./migrations.ts";
export type { ReviewFormat } from "./reports.ts";
export type { PlanOptions } from "./plan.ts";
export type { RecordFormat, VerifyOptions } from "./proof.ts";
export type { HistoryOptions } from "./views.ts";

export const submitApproval = story(async () => (await import("./approvals.ts")).submitApproval);
export const backups = story(async () => (await import("./backups.ts")).backups);
export const restoreDatabase = story(async () => (await import("./backups.ts")).restoreDatabase);
export const check = story(async () => (await import("./checks.ts")).check);
export const images = story(async () => (await import("./checks.ts")).images);
export const deploy = story(async () => (await import("./deploy.ts")).deploy);
export const migrations = story(async () => (await import("./migrations.ts")).migrations);
export const plan = story(async () => (await import("./plan.ts")).plan);
export const maintenance = story(async () => (await import("./maintenance.ts")).maintenance);
export const record = story(async () => (await import("./proof.ts")).record);
export const verify = story(async () => (await import("./proof.ts")).verify);
export const promote = story(async () => (await import("./promote.ts")).promote);
export const abortDeployment = story(async () => (await import("./recovery.ts")).abortDeployment);
export const down = story(async () => (await import("./recovery.ts")).down);
export const resumeDeployment = story(async () => (await import("./recovery.ts")).resumeDeployment);
export const rollback = story(async () => (await import("./recovery.ts")).rollback);
export const tests = story(async () => (await import("./tests.ts")).tests);
export const diff = story(async () => (await import("./views.ts")).diff);
export const history = story(async () => (await import("./views.ts")).history);
export const status = story(async () => (await import("./views.ts")).status);

function story<Input extends readonly unknown[], Answer>(
  load: () => Promise<(...input: Input) => Promise<Answer>>,
): (...input: Input) => Promise<Answer> {
  return async (...input) => (await load())(...input);
}
