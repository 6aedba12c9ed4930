import type { Json } from "../model/canonical-json.ts";
import { usageError } from "../model/errors.ts";
import type { Evidence } from "../model/evidence.ts";
import type { Plan } from "../model/plan.ts";
import { forecast, type Forecast } from "../release/analysis/analysis.ts";
import { checklistEvidence } from "../release/gates/checklist.ts";
import { judgePlan } from "../release/gates/gating.ts";
import type { GateJudgement } from "../release/gates/judge.ts";
import type { PlanFile } from "../release/plan/plan-file.ts";
import { planHash } from "../release/plan/plan.ts";
import { makePlan, planRestore, planRollback, type ReleaseContext } from "../release/release.ts";
import { planText } from "../report/plan.ts";
import { answerOf, type OutputFormat } from "./answer.ts";
import { candidateOf, noteUncommitted, openRelease } from "./candidate.ts";
import type { Delivery } from "./delivery.ts";
import { emergencyOf, type Urgency } from "./emergency.ts";
import { publishedImages } from "./images.ts";
import { requireWhole } from "./whole.ts";
import { promoted, promotionOf } from "./promote.ts";

export interface PlanOptions extends Urgency {
  /** The environment whose release is promoted; `""` for a plan of the commit that is checked out. */
  readonly from: string;
  /** Plan the way back to an earlier release instead. */
  readonly rollback: boolean;
  /** The deployment or version to go back to; `""` for the one before. */
  readonly to: string;
  /** The backup whose restore is planned; `""` for none. */
  readonly backup: string;
}

/** Shows what a deploy, a promotion, a rollback or a restore would do now. */
export async function plan(
  delivery: Delivery,
  environment: string,
  options: PlanOptions,
  format: OutputFormat,
): Promise<string> {
  requireOneKind(options);
  const { context, planned, evidence } = await plannedFor(delivery, environment, options);
  const hash = planHash(planned);
  const checklist = await checklistEvidence(planned, context.gating.runChecklist);
  const events = await context.ledger.read({ environment });
  const now = delivery.clock.now();
  const gates = await judgePlan(planned, hash, context.gating, { events, now, checklist });
  const needs = await forecast(planned.operations, context.target, delivery.clock);
  return answerOf(format, planText(planned, hash, { gates, evidence, needs }), {
    hash,
    plan: planned as unknown as Json,
    gates: gates as unknown as Json,
    evidence: evidence as unknown as Json,
    needs: needs as unknown as Json,
  });
}

interface Planned {
  readonly context: ReleaseContext;
  readonly planned: Plan;
  /** What was found out about the images. */
  readonly evidence: readonly Evidence[];
}

async function plannedFor(delivery: Delivery, environment: string, options: PlanOptions): Promise<Planned> {
  const gates = { emergency: emergencyOf(options) };
  if (options.rollback) {
    const { context } = await openRelease(delivery, environment, gates);
    return { context, planned: await planRollback(context, options), evidence: [] };
  }
  if (options.backup !== "") {
    const { context } = await openRelease(delivery, environment, gates);
    return { context, planned: await planRestore(context, options), evidence: [] };
  }
  if (options.from !== "") {
    const promotion = await promotionOf(delivery, options.from, environment);
    const { context, state } = await openRelease(promotion.delivery, environment, gates);
    const candidate = await promoted(promotion, environment, state);
    return { context, planned: await makePlan(candidate, state, context), evidence: [] };
  }
  await requireWhole(delivery);
  await noteUncommitted(delivery);
  const { context, state } = await openRelease(delivery, environment, gates);
  const { images, evidence } = await publishedImages(delivery, environment);
  const candidate = await candidateOf(delivery, environment, images, state);
  return { context, planned: await makePlan(candidate, state, context), evidence };
}

/** @throws FairwayError PLAN_AMBIGUOUS (exit 2) */
function requireOneKind({ from, rollback, to, backup }: PlanOptions): void {
  const wrong =
    [from !== "", rollback, backup !== ""].filter(Boolean).length > 1
      ? [
          backup === "" ? "--from" : "--backup",
          "a plan is of a promotion, of a rollback or of a restore, not of two of them",
          "Leave the others out.",
        ]
      : to !== "" && !rollback
        ? ["--to", "only a rollback goes to a release that was there before", "Add --rollback."]
        : null;
  if (wrong === null) return;
  const [place, message, remedy] = wrong as [string, string, string];
  throw usageError(message, { code: "PLAN_AMBIGUOUS", place, remedy });
}

/** What `plan --format json` prints. */
export interface PlanAnswer extends PlanFile {
  /** Whether each gate is open now: beside the plan, and not a part of its hash. */
  readonly gates: readonly GateJudgement[];
  /** What the policy of images says of those that would be deployed. */
  readonly evidence: readonly Evidence[];
  /** What its analyses need, by the traffic of now. */
  readonly needs: readonly Forecast[];
}
