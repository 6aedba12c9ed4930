import type { File } from "@dagger.io/dagger";
import type { Json } from "../model/canonical-json.ts";
import { environmentOf } from "../config/config.ts";
import { requireBranch, requireCommitted, requireEvidence } from "../release/gates/gates.ts";
import { judgePlan } from "../release/gates/gating.ts";
import type { GateJudgement } from "../release/gates/judge.ts";
import { readPlanFile, type PlanFile } from "../release/plan/plan-file.ts";
import { planHash } from "../release/plan/plan.ts";
import { makePlan, readState, release } from "../release/release.ts";
import { outcomeJson, outcomeText } from "../report/outcome.ts";
import { planText } from "../report/plan.ts";
import { refuseStandIn } from "../steps/steps.ts";
import { answerOf, type OutputFormat } from "./answer.ts";
import { candidateOf, databaseOf, migrationEvidence, noteUncommitted, releaseContext } from "./candidate.ts";
import { checkEvidence } from "./checks.ts";
import type { Delivery } from "./delivery.ts";
import { emergencyOf, type Urgency } from "./emergency.ts";
import { promoted, promotionOf } from "./promote.ts";
import { checkVariables } from "./variables.ts";
import { foreseenEvidence, publishedImages } from "./images.ts";

export async function plan(
  delivery: Delivery,
  environment: string,
  options: { readonly from: string } & Urgency,
  format: OutputFormat,
): Promise<string> {
  const emergency = emergencyOf(options);
  const promotion = options.from === "" ? null : await promotionOf(delivery, options.from, environment);
  if (promotion === null) await noteUncommitted(delivery);
  const context = await releaseContext(promotion?.delivery ?? delivery, environment, { emergency });
  const state = await readState(context);
  const candidate =
    promotion === null
      ? await candidateOf(delivery, environment, (await publishedImages(delivery)).images, state)
      : await promoted(promotion, environment, state);
  const planned = await makePlan(candidate, state, context);
  const hash = planHash(planned);
  const events = await context.ledger.read({ environment });
  const gates = await judgePlan(planned, hash, context.gating, { events, now: delivery.clock.now() });
  const text = planText(planned, hash, gates);
  return answerOf(format, text, { hash, plan: planned as unknown as Json, gates: gates as unknown as Json });
}

/** What `plan --format json` prints. */
export interface PlanAnswer extends PlanFile {
  /** Whether each gate is open now: beside the plan, and not a part of its hash. */
  readonly gates: readonly GateJudgement[];
}

export interface DeployOptions extends Urgency {
  /** Only this plan is applied, as `plan --format json` printed it. */
  readonly plan?: File | undefined;
}

/** The story of a deploy: what is wrong is told before anything is built, and what is missing before anything changes. */
export async function deploy(
  delivery: Delivery,
  environment: string,
  options: DeployOptions,
  format: OutputFormat,
): Promise<string> {
  const { command } = delivery;
  const given =
    options.plan === undefined ? undefined : readPlanFile(await options.plan.contents(), environment);
  const settings = environmentOf(await delivery.config(), environment);
  const facts = await delivery.facts();
  requireBranch({ environment, required: settings.branch, branch: facts.branch, command });
  requireCommitted({ environment, isLocal: settings.target === "local", changes: facts.changes });
  await noteUncommitted(delivery);
  const context = await releaseContext(delivery, environment, { emergency: emergencyOf(options) });
  await checkVariables(delivery, environment, context);

  const waiting = { subject: environment, again: `${command} deploy --env ${environment}` };
  requireEvidence(await foreseenEvidence(delivery), waiting);
  const state = await readState(context);
  const gathered = await Promise.all([
    checkEvidence(delivery, []),
    migrationEvidence(delivery, databaseOf(state)),
  ]);
  requireEvidence(gathered.flat(), waiting);
  const published = await publishedImages(delivery);
  requireEvidence(published.evidence, waiting);
  for (const image of published.images) refuseStandIn(image, { name: environment, ...settings });

  const candidate = await candidateOf(delivery, environment, published.images, state);
  const outcome = await release(candidate, context, given);
  return answerOf(format, outcomeText(outcome), outcomeJson(outcome));
}
