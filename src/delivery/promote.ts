import { environmentOf } from "../config/config.ts";
import { failure, usageError } from "../model/errors.ts";
import type { Release } from "../model/plan.ts";
import { requireEvidence } from "../release/gates/gates.ts";
import { readState, release, type EnvironmentState } from "../release/release.ts";
import { outcomeJson, outcomeText } from "../report/outcome.ts";
import { imageTags, refuseStandIn, sourceAt, type PublishedImage } from "../steps/steps.ts";
import { answerOf, type OutputFormat } from "./answer.ts";
import { candidateOf, databaseOf, migrationEvidence, openRelease } from "./candidate.ts";
import type { DeployOptions } from "./deploy.ts";
import { openDelivery, type Delivery } from "./delivery.ts";
import { historyEvidenceOf } from "./live-history.ts";
import { againFor, emergencyOf } from "./emergency.ts";
import { givenPlan } from "./given-plan.ts";
import { checkVariables } from "./variables.ts";
import { requireMetricSecrets } from "./metrics.ts";

/** A release that is proven in one environment, on its way to another one. */
export interface Promotion {
  /** On the repository as it was in the commit that is promoted. */
  readonly delivery: Delivery;
  readonly release: Release;
  readonly images: readonly Pick<PublishedImage, "service" | "reference" | "standIn">[];
}

/** Brings the very images that are proven in one environment to another one: nothing is built, and no check is repeated. */
export async function promote(
  here: Delivery,
  from: string,
  to: string,
  options: DeployOptions,
  format: OutputFormat,
): Promise<string> {
  const given = await givenPlan(options.plan, to, "deploy", here.command);
  const promotion = await promotionOf(here, from, to);
  const { delivery, images } = promotion;
  const settings = environmentOf(await delivery.config(), to);
  for (const image of images) refuseStandIn(image, { name: to, ...settings });
  const emergency = emergencyOf(options, given);
  const { context, state } = await openRelease(delivery, to, { emergency });
  await requireMetricSecrets(delivery, to);
  await checkVariables(delivery, to, context);
  const waiting = {
    subject: to,
    again: againFor(`${delivery.command} promote --from ${from} --to ${to}`, given, emergency),
  };
  const evidence = await Promise.all([
    migrationEvidence(delivery, await databaseOf(delivery, state)),
    historyEvidenceOf(delivery, to, context, state),
  ]);
  requireEvidence(evidence.flat(), waiting);
  const outcome = await release(await promoted(promotion, to, state), context, given);
  return answerOf(format, outcomeText(outcome), outcomeJson(outcome));
}

/** @throws FairwayError NOTHING_TO_PROMOTE (exit 1), PROMOTION_UNKNOWN (exit 2) */
export async function promotionOf(here: Delivery, from: string, to: string): Promise<Promotion> {
  const { after } = environmentOf(await here.config(), to);
  environmentOf(await here.config(), from);
  if (after !== null && after !== from) {
    throw usageError(`releases come to ${to} from ${after}, not from ${from}`, {
      code: "PROMOTION_UNKNOWN",
      place: `fairway.yaml environments.${to}.after`,
      remedy: `${here.command} promote --from ${after} --to ${to}`,
    });
  }
  const { live, deployments } = await readState({ environment: from, ledger: await here.ledger(from) });
  if (live === null) {
    throw failure(`nothing is live in ${from}, so there is nothing to promote`, {
      code: "NOTHING_TO_PROMOTE",
      remedy: `${here.command} status --env ${from}`,
    });
  }
  if (live.release.version.includes("-dirty.")) {
    throw failure(`what is live in ${from} is in no commit: ${live.release.version}`, {
      code: "UNCOMMITTED_CHANGES",
      remedy: `Commit it, and prove that first:\n${here.command} deploy --env ${from}`,
    });
  }
  const delivery = await deliveryAt(here, live.release.commit);
  await requireNamedThere(delivery, live.release, to);
  const standIn = deployments.find(({ id }) => id === live.deployment)?.plan.standIns.join(", ") ?? "";
  return {
    delivery,
    release: live.release,
    images: live.release.services.map(({ name, image }) => ({
      service: name,
      reference: image,
      standIn: standIn === "" ? null : standIn,
    })),
  };
}

/** @throws FairwayError PROMOTION_UNKNOWN (exit 2): what a release brings along is older than what is checked out */
async function requireNamedThere(
  delivery: Delivery,
  { commit, version }: Release,
  to: string,
): Promise<void> {
  const { environments } = await delivery.config();
  if (Object.hasOwn(environments, to)) return;
  throw usageError(
    `${version}, which is promoted, has no environment ${to}: what counts is its own fairway.yaml, not the one that is checked out`,
    {
      code: "PROMOTION_UNKNOWN",
      place: `fairway.yaml@${commit.slice(0, 7)} environments`,
      remedy: `It knows ${Object.keys(environments).join(", ")}. Bring a commit that has ${to} to the environment before it, then promote that.`,
    },
  );
}

/** The release with what the other environment gives it: replicas, variables, secrets. */
export async function promoted(
  { delivery, images, release: proven }: Promotion,
  to: string,
  state: EnvironmentState,
) {
  const candidate = await candidateOf(delivery, to, images, state);
  const { version, branch } = proven;
  // Names that follow a branch moved when its commit was deployed; a promotion moves none of them back.
  const names = imageTags({ ...(await delivery.facts()), branch: null });
  return {
    ...candidate,
    isPromoted: true,
    release: { ...candidate.release, version, branch },
    tags: candidate.tags.filter(({ tag }) => names.includes(tag)),
  };
}

/** Config and migrations are those of the commit, whatever is checked out. */
async function deliveryAt(here: Delivery, commit: string): Promise<Delivery> {
  const facts = await here.facts();
  if (facts.commit === commit && !facts.dirty) return here;
  const source = await sourceAt(await here.git(), commit).sync();
  return openDelivery(here.dag, { ...here.input, source, ref: "" }, here.definition);
}
