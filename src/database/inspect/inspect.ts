export { liveDriftEvidence } from "./evidence.ts";
export type { Inspected } from "./objects.ts";
export { schemaStatements } from "./statements.ts";
export { inspectDatabase } from "./step.ts";
