export {
  blueGreen,
  canary,
  environment,
  errorRate,
  git,
  gitops,
  integration,
  latency,
  lint,
  local,
  pipeline,
  postgres,
  prisma,
  rolling,
  script,
  service,
  stockPipeline,
  typecheck,
  unit,
  value,
  weekly,
  type BoundPipeline,
  type Pipeline,
  type PipelineDefinition,
} from "./pipeline.ts";
export { asEngineError } from "./delivery/outcome.ts";
export { defineCheck, type Check, type CheckAnswer, type CheckContext } from "./steps/steps.ts";
export { FairwayError, exitCodes, type ExitCode } from "./model/errors.ts";
export { systemClock, type Clock } from "./model/clock.ts";
export type { Evidence } from "./model/evidence.ts";
export type { Plan } from "./model/plan.ts";
