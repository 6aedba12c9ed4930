export * from "./checks/checks.ts";
export * from "./images/images.ts";
export { openProject, type Project } from "./project.ts";
export * from "./services/services.ts";
export { gitFacts, type GitFacts, refuseFairwaysOwnRepository } from "./source/source.ts";
export { lastLines, outputOf, stepFailure, type StepFailure } from "./step-failure.ts";
export { stampCommand, stopwatch } from "./stopwatch.ts";
export type { ToolImages } from "./tool-images.ts";
export * from "./toolchains/toolchains.ts";
