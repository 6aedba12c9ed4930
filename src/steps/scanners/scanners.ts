export type { Scanner } from "./scanner.ts";
export { scanCheck } from "./scan-check.ts";
