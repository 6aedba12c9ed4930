export * from "./finding.ts";
export { mergeFindings } from "./merge.ts";
export type { SourceText } from "./identify.ts";
export { readSarif, type SarifOptions } from "./read/sarif.ts";
export { writeSarif, type SarifWriteOptions } from "./write/sarif.ts";
