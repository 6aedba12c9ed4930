import type { z } from "zod";
import { pathText, problemsOf } from "../../config/config.ts";
import { usageError } from "../../model/errors.ts";
import type { Plan } from "../../model/plan.ts";
import { planHash } from "./plan.ts";
import { planFileSchema } from "./schema.ts";

/** What `plan --format json` prints and `--out` writes; plan.schema.json describes it. */
export interface PlanFile {
  /** `sha256:<64 hex>` of the plan's canonical JSON. */
  readonly hash: string;
  readonly plan: Plan;
}

/**
 * Reads a plan that was made before: of the published shape, and with the hash that it says.
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
    throw unreadable(`it is not JSON (${(error as Error).message})`, { cause: error });
  }
  const { plan } = (value ?? {}) as { plan?: { schema?: unknown } | null };
  if (plan?.schema !== undefined && plan.schema !== 1) {
    throw unreadable(`its schema is ${JSON.stringify(plan.schema)}, and this version of Fairway reads 1`);
  }
  const { success, data, error } = planFileSchema.safeParse(value);
  if (success) return data;
  const faults = faultsOf(error.issues, value);
  throw unreadable(faults.length === 1 ? faults.join() : `${String(faults.length)} things in it are wrong`, {
    output: faults.length === 1 ? undefined : faults.join("\n"),
    cause: error,
  });
}

/** `plan.operations[2].index: must be a number, and is "x"` */
function faultsOf(issues: readonly z.core.$ZodIssue[], value: unknown): string[] {
  return problemsOf(issues, value, planFileSchema).map(
    ({ path, message }) => `${path.length === 0 ? "it" : pathText(path)}: ${message}`,
  );
}

function unreadable(
  why: string,
  details: { readonly output?: string | undefined; readonly cause?: unknown } = {},
) {
  return usageError(`the plan cannot be read: ${why}`, {
    code: "PLAN_UNREADABLE",
    place: "--plan",
    remedy: "It is what this prints: fairway plan --env <environment> --format json",
    ...details,
  });
}
