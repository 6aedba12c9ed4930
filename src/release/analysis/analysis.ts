export { judgeLimit } from "./judge.ts";
