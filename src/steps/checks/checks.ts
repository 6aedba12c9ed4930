export { type Check, type CheckAnswer, type CheckContext, defineCheck } from "./check.ts";
export { runChecks, type RunChecksContext } from "./run-checks.ts";
