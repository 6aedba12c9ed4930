export { isAbout, vexReader } from "./match.ts";
export { readVex, type VexStatement } from "./read.ts";
