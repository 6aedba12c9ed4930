export type { Base } from "./base.ts";
export { type Check, type CheckAnswer, type CheckContext, type CheckOptions, defineCheck } from "./check.ts";
export { runChecklistScripts } from "./checklist.ts";
export { type ChecksMemory, forgetful, type Found, withDeadline } from "./memory.ts";
export { owned } from "./tests.ts";
export { requireReleaseScripts, runReleaseScript } from "./release-script.ts";
export { runChecks, type RunChecksContext } from "./run-checks.ts";
