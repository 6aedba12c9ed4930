export { mergeFindings } from "./merge.ts";
export type { SourceText } from "./identify.ts";
export { defaultPolicy, type FindingPolicy, type Treatment, treatmentOf } from "./policy.ts";
export { readReport, type ReadOptions, type ReportFormat, reportFormats } from "./read/readers.ts";
export { readSarif, type SarifOptions } from "./read/sarif.ts";
export { firstLine } from "./text.ts";
export { writeSarif, type SarifWriteOptions } from "./write/sarif.ts";
export { findingsSummary, findingsText } from "./write/text.ts";
