export { type Check, type CheckAnswer, type CheckContext, type CheckOptions, defineCheck } from "./check.ts";
export { runChecklistScripts } from "./checklist.ts";
export { type Base, owned, suppressionsOf, vexDocuments } from "./judgement/judgement.ts";
export { requireChecks } from "./listed.ts";
export { type ChecksMemory, forgetful, type Found, withDeadline } from "./memory.ts";
export { runChecks, type RunChecksContext } from "./run-checks.ts";
export { requireReleaseScripts, runReleaseScript } from "./scripts/scripts.ts";
