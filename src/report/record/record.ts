export type { ChangeRecord } from "./change.ts";
export { deriveRecord } from "./derive.ts";
export { recordHtml } from "./html.ts";
export { recordMarkdown } from "./markdown.ts";
export { proveRecord, readRecord, type RecordProof } from "./prove.ts";
export { recordJson, type RecordStatement } from "./statement.ts";
export { recordText } from "./text.ts";
