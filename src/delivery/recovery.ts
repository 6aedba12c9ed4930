import type { File } from "@dagger.io/dagger";
import { hostCapabilities } from "../model/host.ts";
import { exitCodes, usageError, type FairwayError } from "../model/errors.ts";
import { abort, resume, rollBack, stopEnvironment, type EnvironmentState } from "../release/release.ts";
import { outcomeJson, outcomeText } from "../report/outcome.ts";
import { answerOf, type OutputFormat } from "./answer.ts";
import { openRelease } from "./candidate.ts";
import { versionOf } from "./version.ts";
import type { Delivery } from "./delivery.ts";
import { emergencyOf, type Urgency } from "./emergency.ts";
import { givenPlan } from "./given-plan.ts";
import { localEnvironments } from "./environments.ts";

export interface RollbackOptions extends Urgency {
  /** The deployment or version to go back to; `""` for the one before, or the plan's. */
  readonly to: string;
  /** Only this plan is applied, as `plan --rollback --out` wrote it. */
  readonly plan?: File | undefined;
}

export interface ResumeAnswer {
  /** What was found of the step that is asked about: `done`, `not-done`, or `""`. */
  readonly answer: string;
  /** Its number in the plan; 0 for whichever is asked about. */
  readonly operation: number;
}

export async function rollback(
  delivery: Delivery,
  environment: string,
  options: RollbackOptions,
  format: OutputFormat,
): Promise<string> {
  const given = await givenPlan(options.plan, environment, "rollback", delivery.command);
  const { reason, to } = options;
  const { context } = await openRelease(delivery, environment, {
    emergency: emergencyOf(options, given),
  });
  const outcome = await rollBack(context, { reason, given, ...(to === "" ? {} : { to }) });
  return answerOf(format, outcomeText(outcome), outcomeJson(outcome));
}

/** Goes on with what was cut off, in the repository as it was then: its migrations are the ones that are applied. */
export async function resumeDeployment(
  delivery: Delivery,
  environment: string,
  { answer, operation }: ResumeAnswer,
  format: OutputFormat,
): Promise<string> {
  if (!["", "done", "not-done"].includes(answer)) {
    throw usageError(`${JSON.stringify(answer)} is no answer`, {
      code: "ANSWER_UNKNOWN",
      place: "--answer",
      remedy: "Say done or not-done.",
    });
  }
  if (operation !== 0 && (answer === "" || !Number.isInteger(operation) || operation < 1)) {
    throw usageError(
      answer === "" ? "there is no answer for --operation" : `${String(operation)} is no operation`,
      {
        code: "ANSWER_UNKNOWN",
        place: "--operation",
        remedy: `See what is asked:\n${delivery.command} resume --env ${environment}`,
      },
    );
  }
  const said = answer === "done" ? "done" : answer === "not-done" ? "not done" : null;
  const { context, state } = await openRelease(delivery, environment, null);
  await requireSameMigrations(delivery, state);
  const outcome = await resume(context, {
    answer: said,
    operation: operation === 0 ? null : operation,
    by: await delivery.asker(),
  });
  if (outcome === null) return nothingCutOff(format, "resume", state);
  return answerOf(format, outcomeText(outcome), outcomeJson(outcome));
}

/** Goes back from what was cut off to what was live before it. */
export async function abortDeployment(
  delivery: Delivery,
  environment: string,
  reason: string,
  format: OutputFormat,
): Promise<string> {
  const { context, state } = await openRelease(delivery, environment, null);
  const ending = await abort(context, { reason });
  if (ending === null) return nothingCutOff(format, "abort", state);
  if (ending instanceof Error) {
    const { live, unsettled } = state;
    const facts = { environment, deployment: unsettled?.id ?? null, live: live?.release.version ?? null };
    return aborted(ending, format, facts);
  }
  const { asked, deployment } = ending;
  return answerOf(
    format,
    `${deployment} is run by ${asked.holder}: it was asked to stop at its next safe point and to go back.\n` +
      `Look: ${delivery.command} status --env ${environment}`,
    { outcome: "asked", environment, deployment, holder: asked.holder },
  );
}

/** To be back is what was asked for; what did not come back is told as for any other deployment. */
function aborted(
  ending: FairwayError,
  format: OutputFormat,
  { environment, deployment, live }: AbortedFacts,
): string {
  if (ending.exitCode !== exitCodes.rolledBack) throw ending;
  const text = [ending.message, ...(ending.remedy === undefined ? [] : [ending.remedy])].join("\n");
  return answerOf(format, text, {
    outcome: "aborted",
    environment,
    deployment,
    live,
    message: ending.message,
  });
}

interface AbortedFacts {
  readonly environment: string;
  /** Null for the one that somebody else has begun meanwhile. */
  readonly deployment: string | null;
  /** The version. */
  readonly live: string | null;
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

export async function down(
  delivery: Delivery,
  environment: string,
  { removeData, reason }: { readonly removeData: boolean; readonly reason: string },
): Promise<string> {
  const { context } = await openRelease(delivery, environment, null);
  const { services, database } = await context.target.observe();
  const ran = services.some(({ replicas }) => replicas.length > 0) || database?.running === true;
  await stopEnvironment(context, { removeData, reason });
  await stopIdleRegistry(delivery);
  const stopped = ran ? `${environment} is stopped.` : `Nothing of ${environment} was running.`;
  if (removeData) return `${stopped} Its data is removed.`;
  if ((await delivery.config()).database === null) return stopped;
  return `${stopped} Its database is kept; deploy again to bring it back.`;
}

/** The loopback registry serves this machine's environments only: after the last of them nothing stays running. */
async function stopIdleRegistry(delivery: Delivery): Promise<void> {
  const observations = await Promise.all(
    (await localEnvironments(delivery)).map(async (name) => (await delivery.target(name)).observe()),
  );
  const running = observations.some(({ services }) => services.some(({ replicas }) => replicas.length > 0));
  if (!running) await hostCapabilities()?.stopLoopbackRegistry();
}
