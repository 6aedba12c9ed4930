export {
  environment,
  git,
  gitops,
  integration,
  lint,
  local,
  pipeline,
  postgres,
  prisma,
  script,
  service,
  stockPipeline,
  typecheck,
  unit,
  weekly,
  type BoundPipeline,
  type Pipeline,
  type PipelineDefinition,
} from "./pipeline.ts";
export { asEngineError } from "./delivery/outcome.ts";
export { defineCheck, type Check, type CheckAnswer, type CheckContext } from "./steps/steps.ts";
export { FairwayError, exitCodes, type ExitCode } from "./model/errors.ts";
export type { Evidence } from "./model/evidence.ts";
export type { Plan } from "./model/plan.ts";
