export { requireReleaseScripts, runReleaseScript } from "./release-script.ts";
export { scriptCheck } from "./script.ts";
export { isAlone } from "./surroundings.ts";
export type { TestedRun } from "./tested-script.ts";
export { together } from "./together.ts";
