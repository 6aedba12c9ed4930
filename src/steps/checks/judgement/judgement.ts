export { type Base, oldFindings } from "./base.ts";
export { judged, type Judged, policyOf, suppressionEvidence, suppressionsOf } from "./findings.ts";
export { judgedTests, type JudgedTestRun, owned } from "./tests.ts";
export { vexDocuments, vexEvidence } from "./vex.ts";
