import { randomUUID } from "node:crypto";
import { canonicalJson, type Json } from "../model/canonical-json.ts";
import { hostCapabilities } from "../model/host.ts";
import type { Evidence } from "../model/evidence.ts";
import { exitCodes, FairwayError, usageError } from "../model/errors.ts";
import { candidateOf, migrationEvidence, noteUncommitted, releaseContext, versionOf } from "./candidate.ts";
import { foreseenEvidence, publishedImages } from "./images.ts";
import type { Delivery } from "./delivery.ts";
import { environmentOf } from "../config/config.ts";
import { historyJson, historyText } from "../report/history.ts";
import { evidenceJson, evidenceText, outcomeJson, outcomeText } from "../report/outcome.ts";
import { lastLive } from "../report/last-live.ts";
import { planText } from "../report/plan.ts";
import { statusJson, statusText, type EnvironmentStatus } from "../report/status.ts";
import { table } from "../report/text.ts";
import { requireBranch, requireCommitted, requireEvidence } from "../release/gates/gates.ts";
import { planHash } from "../release/plan/plan.ts";
import {
  abort,
  makePlan,
  readState,
  release,
  resume,
  rollBack,
  stopEnvironment,
  type EnvironmentState,
  type ReleaseContext,
} from "../release/release.ts";
import { refuseStandIn } from "../steps/images/images.ts";
import { checkEnvironment, runChecks } from "../steps/steps.ts";

export type OutputFormat = "text" | "json";

export async function check(
  delivery: Delivery,
  only: readonly string[],
  format: OutputFormat,
): Promise<string> {
  const foreseen = only.length === 0 ? await foreseenEvidence(delivery) : [];
  const evidence = [...foreseen, ...(await checkEvidence(delivery, only))];
  requireEvidence(evidence, { subject: "the check", again: `${delivery.command} check` });
  return answerOf(format, evidenceText(evidence), evidenceJson(evidence));
}

export async function images(delivery: Delivery): Promise<string> {
  const waiting = { subject: "publishing", again: `${delivery.command} images` };
  requireEvidence(await foreseenEvidence(delivery), waiting);
  const published = await publishedImages(delivery);
  requireEvidence(published.evidence, waiting);
  return table(published.images.map((image) => [image.service, image.reference]));
}

export async function migrations(delivery: Delivery): Promise<string> {
  const evidence = await migrationEvidence(delivery, { firstDeploy: false, applied: [] });
  requireEvidence(evidence, { subject: "the migrations", again: `${delivery.command} migrations` });
  return evidenceText(evidence);
}

export async function plan(delivery: Delivery, environment: string, format: OutputFormat): Promise<string> {
  await noteUncommitted(delivery);
  const context = await releaseContext(delivery, environment);
  const { images: published } = await publishedImages(delivery);
  const state = await readState(context);
  const candidate = await candidateOf(delivery, environment, published, state);
  const planned = await makePlan(candidate, state, context);
  const hash = planHash(planned);
  return answerOf(format, planText(planned, hash), { hash, plan: planned as unknown as Json });
}

/** The story of a deploy: what is wrong is told before anything is built, and what is missing before anything changes. */
export async function deploy(delivery: Delivery, environment: string, format: OutputFormat): Promise<string> {
  const { command } = delivery;
  const settings = environmentOf(await delivery.config(), environment);
  const facts = await delivery.facts();
  requireBranch({ environment, required: settings.branch, branch: facts.branch, command });
  requireCommitted({ environment, target: settings.target, changes: facts.changes });
  await noteUncommitted(delivery);
  const context = await releaseContext(delivery, environment);
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
  const outcome = await release(candidate, context);
  return answerOf(format, outcomeText(outcome), outcomeJson(outcome));
}

export async function rollback(
  delivery: Delivery,
  environment: string,
  reason: string,
  format: OutputFormat,
): Promise<string> {
  const outcome = await rollBack(await releaseContext(delivery, environment), { reason });
  return answerOf(format, outcomeText(outcome), outcomeJson(outcome));
}

/** Goes on with what was cut off, in the repository as it was then: its migrations are the ones that are applied. */
export async function resumeDeployment(
  delivery: Delivery,
  environment: string,
  answer: string,
  format: OutputFormat,
): Promise<string> {
  if (!["", "done", "not-done"].includes(answer)) {
    throw usageError(`${JSON.stringify(answer)} is no answer`, {
      code: "ANSWER_UNKNOWN",
      place: "--answer",
      remedy: "Say done or not-done.",
    });
  }
  const said = answer === "done" ? "done" : answer === "not-done" ? "not done" : null;
  const context = await releaseContext(delivery, environment);
  await requireSameMigrations(delivery, await readState(context));
  const outcome = await resume(context, { answer: said });
  if (outcome === null) return nothingCutOff(format, "resume", await readState(context));
  return answerOf(format, outcomeText(outcome), outcomeJson(outcome));
}

/** Goes back from what was cut off to what was live before it. */
export async function abortDeployment(
  delivery: Delivery,
  environment: string,
  reason: string,
  format: OutputFormat,
): Promise<string> {
  const context = await releaseContext(delivery, environment);
  const ending = await abort(context, { reason });
  if (ending === null) return nothingCutOff(format, "abort", await readState(context));
  throw ending;
}

function nothingCutOff(format: OutputFormat, verb: string, { environment, live }: EnvironmentState): string {
  const what = live === null ? "nothing is live" : `${live.release.version} is live`;
  return answerOf(format, `Nothing to ${verb}: ${what} in ${environment}.`, {
    outcome: "nothing to do",
    environment,
    live: live?.release.version ?? null,
  });
}

/** A migration is read from the source: of another commit it may be another one under the same name. */
async function requireSameMigrations(delivery: Delivery, { unsettled }: EnvironmentState): Promise<void> {
  if (unsettled === null) return;
  const { plan, release: wanted, operations } = unsettled;
  const done = operations.some(({ operation, state }) => operation.kind === "migrate" && state === "done");
  if (done || !plan.operations.some(({ kind }) => kind === "migrate")) return;
  const here = await versionOf(delivery);
  if (here === wanted.version) return;
  throw usageError(
    `${unsettled.id} has migrations of ${wanted.version} to apply, and this checkout is ${here}`,
    {
      code: "OTHER_COMMIT",
      place: ".git",
      remedy: `git checkout ${wanted.commit}\nThen resume again, or go back: ${delivery.command} abort --env ${unsettled.environment}`,
    },
  );
}

export async function status(delivery: Delivery, environment: string, format: OutputFormat): Promise<string> {
  const statuses: EnvironmentStatus[] = [];
  for (const name of await environments(delivery, environment)) {
    const ledger = await delivery.ledger(name);
    const target = await delivery.target(name);
    const state = await readState({ environment: name, ledger });
    statuses.push({
      state,
      stopped: lastLive(state, await ledger.read({ environment: name })),
      observed: await target.observe(),
      holder: await ledger.holder(name),
    });
  }
  return answerOf(format, statusText(statuses, delivery.clock.now(), delivery.command), statusJson(statuses));
}

export async function history(
  delivery: Delivery,
  environment: string,
  format: OutputFormat,
): Promise<string> {
  const states = await Promise.all(
    (await environments(delivery, environment)).map(async (name) =>
      readState({ environment: name, ledger: await delivery.ledger(name) }),
    ),
  );
  const deployments = states.flatMap((state) => state.deployments);
  return answerOf(format, historyText(deployments), historyJson(deployments));
}

export async function down(delivery: Delivery, environment: string, removeData: boolean): Promise<string> {
  const context = await releaseContext(delivery, environment);
  const { services, database } = await context.target.observe();
  const ran = services.some(({ replicas }) => replicas.length > 0) || database?.running === true;
  await stopEnvironment(context, { removeData });
  await stopIdleRegistry(delivery);
  const stopped = ran ? `${environment} is stopped.` : `Nothing of ${environment} was running.`;
  if (removeData) return `${stopped} Its data is removed.`;
  if ((await delivery.config()).database === null) return stopped;
  return `${stopped} Its database is kept; deploy again to bring it back.`;
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

async function checkEvidence(delivery: Delivery, only: readonly string[]): Promise<Evidence[]> {
  const { progress, command, definition } = delivery;
  const project = await delivery.project();
  return progress.task("checks", (task) =>
    runChecks({ project, progress: task, command, custom: definition.checks }, only),
  );
}

/** The loopback registry serves this machine's environments only: after the last of them nothing stays running. */
async function stopIdleRegistry(delivery: Delivery): Promise<void> {
  const observations = await Promise.all(
    (await environments(delivery, "")).map(async (name) => (await delivery.target(name)).observe()),
  );
  const running = observations.some(({ services }) => services.some(({ replicas }) => replicas.length > 0));
  if (!running) await hostCapabilities()?.stopLoopbackRegistry();
}

async function environments(delivery: Delivery, named: string): Promise<readonly string[]> {
  const config = await delivery.config();
  if (named !== "") {
    environmentOf(config, named);
    return [named];
  }
  const all = Object.keys(config.environments);
  if (all.length > 0) return all;
  throw new FairwayError("fairway.yaml lists no environments", {
    code: "NO_ENVIRONMENTS",
    exitCode: exitCodes.usage,
    place: "fairway.yaml environments",
    remedy: "Add one:\nenvironments:\n  local: { target: local }",
  });
}

function answerOf(format: OutputFormat, text: string, json: Json): string {
  return format === "json" ? canonicalJson(json) : text;
}
