export { analyse } from "./analyse.ts";
export { judgeLimit } from "./judge.ts";
export { analysisTitle } from "./titles.ts";
