export { deadlineText } from "./deadlines/deadlines.ts";
export { mergeFindings } from "./merge.ts";
export { mergeJudged } from "./merge-judged.ts";
export type { SourceText } from "./identify.ts";
export {
  asPayload,
  checksStream,
  deadlineAfter,
  findingsChanged,
  findingsChanges,
  knownFindings,
  type KnownFindings,
  momentText,
  type Sighting,
  sightingsOf,
} from "./deadlines/deadlines.ts";
export { type FindingPolicy, hasDeadlines, treated } from "./policy/policy.ts";
export { suppressionFaults } from "./policy/standing.ts";
export { isExpired, readSuppressions, type Suppression } from "./policy/suppressions.ts";
export {
  readReport,
  type ReadOptions,
  type ReportFormat,
  reportFormats,
  sarifFindings,
} from "./read/readers.ts";
export { bounded, firstLine, webAddress } from "./text.ts";
export { isAbout, readVex, type VexStatement } from "./vex/vex.ts";
export { fallbackPath, writeSarif, type SarifWriteOptions } from "./write/sarif.ts";
export { sarifFingerprints, sarifLevel, sarifLog, sarifPlace } from "./write/sarif-log.ts";
export { findingsSummary, findingsText, packageText, placesOf, toolsOf } from "./write/text.ts";
