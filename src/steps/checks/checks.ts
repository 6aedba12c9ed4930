export { type Check, type CheckAnswer, type CheckContext, defineCheck } from "./check.ts";
export { integrationCheck, type IntegrationOptions } from "./integration.ts";
export { checksOf, runChecks, type RunChecksContext } from "./runChecks.ts";
export { scriptCheck } from "./script.ts";
