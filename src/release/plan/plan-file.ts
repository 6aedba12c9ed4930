import type { Plan } from "../../model/plan.ts";
import { usageError } from "../../model/errors.ts";
import { planHash } from "./plan.ts";

/** What `plan --format json` prints and `--out` writes. */
export interface PlanFile {
  /** `sha256:<64 hex>` of the plan's canonical JSON. */
  readonly hash: string;
  readonly plan: Plan;
}

/**
 * Reads a plan that was made before.
 * @throws FairwayError PLAN_UNREADABLE, PLAN_ALTERED, PLAN_ELSEWHERE (exit 2)
 */
export function readPlanFile(text: string, environment?: string): Plan {
  const { hash, plan } = parse(text);
  if (planHash(plan) !== hash) {
    throw usageError(
      `the plan is not the one that was made: its hash is ${planHash(plan)}, and it says ${hash}`,
      {
        code: "PLAN_ALTERED",
        place: "--plan",
        remedy: "Make it again: fairway plan --env <environment> --out plan.json",
      },
    );
  }
  if (environment !== undefined && plan.environment !== environment) {
    throw usageError(`the plan is for ${plan.environment}, not for ${environment}`, {
      code: "PLAN_ELSEWHERE",
      place: "--plan",
      remedy: `fairway deploy --env ${plan.environment} --plan ...`,
    });
  }
  return plan;
}

function parse(text: string): PlanFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw unreadable(`it is not JSON (${(error as Error).message})`, error);
  }
  const file = value as { hash?: unknown; plan?: { schema?: unknown; environment?: unknown } } | null;
  if (typeof file?.hash !== "string" || typeof file.plan !== "object")
    throw unreadable("it has no hash and plan");
  if (file.plan.schema !== 1 || typeof file.plan.environment !== "string") {
    throw unreadable(
      `its schema is ${JSON.stringify(file.plan.schema)}, and this version of Fairway reads 1`,
    );
  }
  return file as unknown as PlanFile;
}

function unreadable(why: string, cause?: unknown) {
  return usageError(`the plan cannot be read: ${why}`, {
    code: "PLAN_UNREADABLE",
    place: "--plan",
    remedy: "It is what this prints: fairway plan --env <environment> --format json",
    cause,
  });
}
