export { type Attempt, wholeRun } from "./attempts.ts";
export { type JudgedTests, judgeTests } from "./judge.ts";
export { testsChange } from "./memory/changes.ts";
export { rememberedRuns, type TestsRan, testsPayload, testsRan } from "./memory/events.ts";
export { type Standing, standings } from "./memory/standing.ts";
export { ownerFiles, ownerOf } from "./owners.ts";
export { readTestRun, type TestReportFile } from "./read/read.ts";
export { notAlone } from "./runner-end.ts";
export { standingText } from "./text.ts";
