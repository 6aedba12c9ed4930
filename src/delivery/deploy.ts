import type { File } from "@dagger.io/dagger";
import { randomUUID } from "node:crypto";
import type { Json } from "../model/canonical-json.ts";
import { environmentOf } from "../config/config.ts";
import { requireBranch, requireCommitted, requireEvidence } from "../release/gates/gates.ts";
import { judgePlan } from "../release/gates/gating.ts";
import type { GateJudgement } from "../release/gates/judge.ts";
import { readPlanFile, type PlanFile } from "../release/plan/plan-file.ts";
import { planHash } from "../release/plan/plan.ts";
import { makePlan, readState, release, type ReleaseContext } from "../release/release.ts";
import { outcomeJson, outcomeText } from "../report/outcome.ts";
import { planText } from "../report/plan.ts";
import { checkEnvironment, refuseStandIn } from "../steps/steps.ts";
import { answerOf, type OutputFormat } from "./answer.ts";
import { candidateOf, migrationEvidence, noteUncommitted, releaseContext } from "./candidate.ts";
import { checkEvidence } from "./checks.ts";
import type { Delivery } from "./delivery.ts";
import { emergencyOf, type Urgency } from "./emergency.ts";
import { foreseenEvidence, publishedImages } from "./images.ts";

export async function plan(
  delivery: Delivery,
  environment: string,
  urgency: Urgency,
  format: OutputFormat,
): Promise<string> {
  await noteUncommitted(delivery);
  const context = await releaseContext(delivery, environment, { emergency: emergencyOf(urgency) });
  const { images: published } = await publishedImages(delivery);
  const state = await readState(context);
  const candidate = await candidateOf(delivery, environment, published, state);
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

/** The story of a deploy: what is wrong is told before anything is built, and what is missing before anything changes. */
export async function deploy(
  delivery: Delivery,
  environment: string,
  options: { readonly plan?: File | undefined } & Urgency,
  format: OutputFormat,
): Promise<string> {
  const { command } = delivery;
  const given =
    options.plan === undefined ? undefined : readPlanFile(await options.plan.contents(), environment);
  const settings = environmentOf(await delivery.config(), environment);
  const facts = await delivery.facts();
  requireBranch({ environment, required: settings.branch, branch: facts.branch, command });
  requireCommitted({ environment, target: settings.target, changes: facts.changes });
  await noteUncommitted(delivery);
  const context = await releaseContext(delivery, environment, { emergency: emergencyOf(options) });
  await checkVariables(delivery, environment, context);

  const waiting = { subject: environment, again: `${command} deploy --env ${environment}` };
  requireEvidence(await foreseenEvidence(delivery), waiting);
  const state = await readState(context);
  const database = {
    firstDeploy: !state.hasServed,
    applied: state.appliedMigrations.map((migration) => migration.name),
  };
  const gathered = await Promise.all([checkEvidence(delivery, []), migrationEvidence(delivery, database)]);
  requireEvidence(gathered.flat(), waiting);
  const published = await publishedImages(delivery);
  requireEvidence(published.evidence, waiting);
  for (const image of published.images) refuseStandIn(image, { name: environment, ...settings });

  const candidate = await candidateOf(delivery, environment, published.images, state);
  const outcome = await release(candidate, context, given);
  return answerOf(format, outcomeText(outcome), outcomeJson(outcome));
}

/** What the services would start with, asked of their own schemas before anything else is done. */
async function checkVariables(
  delivery: Delivery,
  environment: string,
  context: ReleaseContext,
): Promise<void> {
  const secrets = Object.fromEntries(
    Object.entries(context.secrets).map(([name, value]) => [name, delivery.dag.setSecret(name, value)]),
  );
  const operationId = `environment/${randomUUID()}`;
  await checkEnvironment(await delivery.project(), { environment, secrets, operationId }, delivery.progress);
}
