import type { File } from "@dagger.io/dagger";
import { held } from "../model/errors.ts";
import type { Plan } from "../model/plan.ts";
import { environmentOf } from "../config/config.ts";
import { requireBranch, requireCommitted, requireEvidence } from "../release/gates/gates.ts";
import { commandsFor } from "../release/plan/commands.ts";
import { release } from "../release/release.ts";
import { outcomeJson, outcomeText } from "../report/outcome.ts";
import { refuseStandIn } from "../steps/steps.ts";
import { answerOf, type OutputFormat } from "./answer.ts";
import { candidateOf, databaseOf, migrationEvidence, noteUncommitted, openRelease } from "./candidate.ts";
import { checkEvidence } from "./check-evidence.ts";
import { versionOf } from "./version.ts";
import type { Delivery } from "./delivery.ts";
import { againFor, emergencyOf, type Urgency } from "./emergency.ts";
import { historyEvidenceOf } from "./live-history.ts";
import { givenPlan } from "./given-plan.ts";
import { requireWhole } from "./whole.ts";
import { checkVariables } from "./variables.ts";
import { foreseenEvidence, imagesOfPlan, publishedImages } from "./images.ts";
import { requireMetricSecrets } from "./metrics.ts";

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
  const given = await givenPlan(options.plan, environment, "deploy", command);
  if (given !== undefined) requireCheckout(given, await versionOf(delivery), command);
  await requireWhole(delivery, []);
  const settings = environmentOf(await delivery.config(), environment);
  const facts = await delivery.facts();
  requireBranch({ environment, required: settings.branch, branch: facts.branch, command });
  requireCommitted({ environment, isLocal: settings.target === "local", changes: facts.changes });
  await noteUncommitted(delivery);
  const emergency = emergencyOf(options, given);
  const { context, state } = await openRelease(delivery, environment, { emergency });
  await requireMetricSecrets(delivery, environment);
  await checkVariables(delivery, environment, context);

  const waiting = {
    subject: environment,
    again: againFor(`${command} deploy --env ${environment}`, given, emergency),
  };
  requireEvidence(await foreseenEvidence(delivery), waiting);
  const gathered = await Promise.all([
    checkEvidence(delivery, [], { environment, policy: context.gating.inForce.policy }),
    migrationEvidence(delivery, await databaseOf(delivery, state)),
    historyEvidenceOf(delivery, environment, context, state),
  ]);
  requireEvidence(gathered.flat(), waiting);
  const published =
    given === undefined ? await publishedImages(delivery, environment) : await imagesOfPlan(delivery, given);
  requireEvidence(published.evidence, waiting);
  for (const image of published.images) refuseStandIn(image, { name: environment, ...settings });

  const candidate = await candidateOf(delivery, environment, published.images, state);
  const outcome = await release(candidate, context, given);
  return answerOf(format, outcomeText(outcome), outcomeJson(outcome));
}

/** @throws FairwayError PLAN_STALE (exit 3) for a plan of another commit: told before anything is run for it */
function requireCheckout(given: Plan, version: string, command: string): void {
  if (given.release.version === version) return;
  const isChanged = version.startsWith(`${given.release.version}-dirty.`);
  const checkOut = isChanged
    ? "Take back what is changed, or put it aside: git stash --include-untracked"
    : `git checkout ${given.release.commit}`;
  throw held(
    `the plan is of ${given.release.version}, and what is checked out is ${version}. Nothing was changed.`,
    {
      code: "PLAN_STALE",
      place: "--plan",
      output: `release.version: "${given.release.version}" in the plan, "${version}" now`,
      remedy: `${checkOut}\nOr look at what would be done now, and have that approved:\n${commandsFor(given, command).plan}`,
    },
  );
}
