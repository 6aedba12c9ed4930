import type { Json } from "../../model/canonical-json.ts";
import type { Clock } from "../../model/clock.ts";
import { exitCodes, FairwayError, isFairwayError } from "../../model/errors.ts";
import type { Lease, Ledger } from "../../model/ledger.ts";
import type { Operation, Plan, Release } from "../../model/plan.ts";
import type { Progress } from "../../model/progress.ts";
import type { EnvironmentNeeds, OperationContext, Target } from "../../model/target.ts";
import { currentAmong, planHash } from "../plan/plan.ts";
import { rolling } from "../strategies/rolling.ts";
import { applyOperations, type Executors } from "./apply.ts";

/** Everything a release acts on; chosen by the doors, replaced by fakes in tests. */
export interface ReleaseContext {
  readonly pipeline: string;
  readonly environment: string;
  readonly ledger: Ledger;
  readonly target: Target;
  readonly executors: Executors;
  readonly needs: EnvironmentNeeds;
  /** Values of the secrets that the services list. */
  readonly secrets: Readonly<Record<string, string>>;
  /** The variable that holds the database's URL; null without a database. */
  readonly databaseVariable: string | null;
  readonly clock: Clock;
  readonly progress: Progress;
  readonly actor: string;
  readonly command: string;
  readonly signal?: AbortSignal | undefined;
}

export type ReleaseOutcome =
  | { readonly kind: "nothing to do"; readonly plan: Plan; readonly urls: Readonly<Record<string, string>> }
  | {
      readonly kind: "released";
      readonly deployment: string;
      readonly plan: Plan;
      readonly planHash: string;
      readonly urls: Readonly<Record<string, string>>;
      readonly durationMs: number;
    };

/** What one deployment holds while it runs. */
interface Held {
  readonly lease: Lease;
  /** Aborted when the lease is lost or the user interrupts. */
  readonly signal: AbortSignal;
  readonly reason: string | null;
  /** By version. */
  readonly proven: ReadonlyMap<string, Release>;
}

/** Carries a plan out under its lease, from the first event to the last, or back to where it was. */
export async function applyPlan(plan: Plan, context: ReleaseContext, held: Held): Promise<ReleaseOutcome> {
  const startedAt = context.clock.now().getTime();
  const deployment = await nextDeployment(context);
  await append(context, held.lease, deployment, "deployment-started", {
    action: plan.action,
    release: plan.release as unknown as Json,
    planHash: planHash(plan),
    plan: plan as unknown as Json,
    reason: held.reason,
  });
  try {
    await carryOut(plan, plan.operations, plan.release, context, { ...held, deployment, wayBack: false });
  } catch (error) {
    throw await goBack(error, plan, context, { ...held, deployment });
  }
  try {
    await append(context, held.lease, deployment, "deployment-succeeded", {});
  } catch (error) {
    // All of it runs and was proven; only that is not written down. The next deploy proves and writes it.
    throw interrupted(error, plan, context);
  }
  return {
    kind: "released",
    deployment,
    plan,
    planHash: planHash(plan),
    urls: await context.target.urls().catch(() => ({})),
    durationMs: context.clock.now().getTime() - startedAt,
  };
}

/** Appends an event that only the holder of the lease may write. */
export async function append(
  context: Pick<ReleaseContext, "environment" | "ledger" | "actor">,
  lease: Lease,
  deployment: string | null,
  type: string,
  payload: Record<string, Json>,
): Promise<void> {
  const { environment, actor } = context;
  await context.ledger.append({ environment, deployment, type, actor, payload }, lease);
}

async function carryOut(
  plan: Plan,
  operations: readonly Operation[],
  release: Release,
  context: ReleaseContext,
  run: Held & { readonly deployment: string; readonly wayBack: boolean },
): Promise<void> {
  const operation: OperationContext = {
    fencingToken: run.lease.fencingToken,
    operationId: `${run.deployment}/prepare/${String(run.lease.fencingToken)}`,
    secrets: context.secrets,
    signal: run.signal,
    report: (line) => {
      context.progress.note(line);
    },
  };
  const { databaseUrl } = await context.target.prepare(operation, needsOf(plan, context));
  const secrets =
    databaseUrl === null || context.databaseVariable === null
      ? context.secrets
      : { ...context.secrets, [context.databaseVariable]: databaseUrl };
  await applyOperations(operations, release, { ...context, ...run, secrets });
}

/** A service that only the release before has must keep its address: the way back leads there. */
function needsOf(plan: Plan, { needs }: ReleaseContext): EnvironmentNeeds {
  const releases = [plan.release, ...(plan.from === null ? [] : [plan.from])];
  const services = releases.flatMap((release) => release.services.map(({ name, port }) => ({ name, port })));
  const byName = new Map([...services, ...needs.services].map((service) => [service.name, service]));
  return { ...needs, services: [...byName.values()] };
}

/** After a failure: returns to what was live, journaled too, and answers the error that says what is live now. */
async function goBack(
  error: unknown,
  plan: Plan,
  context: ReleaseContext,
  run: Held & { readonly deployment: string },
): Promise<FairwayError> {
  const stopped = () => run.signal.aborted;
  const cutOff = async () => {
    // An orderly end is written down at once; after a kill -9, or a lost lease, the next deploy does it.
    const message = `interrupted: ${messageOf(error)}`;
    await append(context, run.lease, run.deployment, "deployment-abandoned", { message }).catch(
      () => undefined,
    );
    return interrupted(error, plan, context);
  };
  if (stopped()) return cutOff();
  const failed = async (message: string, rolledBack: boolean) => {
    try {
      await append(context, run.lease, run.deployment, "deployment-failed", { message, rolledBack });
    } catch (ledgerError) {
      context.progress.note(`the ledger could not be written: ${messageOf(ledgerError)}`);
    }
  };
  try {
    const back = await stepsBack(plan, context, run.proven);
    const title = plan.from === null ? "take down what was started" : `go back to ${plan.from.version}`;
    if (back.length > 0) {
      await context.progress.task(title, async (progress) =>
        carryOut(plan, back, plan.from ?? plan.release, { ...context, progress }, { ...run, wayBack: true }),
      );
    }
    await failed(messageOf(error), true);
    // Held for a person (a migration that failed before), and nothing had to be undone: it stays a hold.
    if (back.length === 0 && isFairwayError(error) && error.exitCode === exitCodes.held) return error;
    return wentBack(error, plan, context);
  } catch (backError) {
    if (stopped()) return await cutOff();
    await failed(`${messageOf(error)}; the way back failed too: ${messageOf(backError)}`, false);
    return wayBackFailed(error, backError, context);
  }
}

async function stepsBack(plan: Plan, context: ReleaseContext, proven: Held["proven"]): Promise<Operation[]> {
  const observed = await context.target.observe();
  if (plan.from !== null) {
    return rolling({ release: plan.from, observed, isCurrent: currentAmong(proven) });
  }
  return rolling({ release: { ...plan.release, services: [] }, observed, isCurrent: () => false });
}

function wentBack(error: unknown, plan: Plan, context: ReleaseContext): FairwayError {
  const details = isFairwayError(error) ? error : undefined;
  const live = plan.from === null ? "nothing" : plan.from.version;
  const impossible = plan.wayBack.impossible.map((what) => `\nImpossible was ${what}.`).join("");
  return new FairwayError(
    `${plan.release.version} failed: ${messageOf(error)}\nWent back: ${live} is live in ${context.environment}.${impossible}`,
    {
      code: "ROLLED_BACK",
      exitCode: exitCodes.rolledBack,
      place: details?.place,
      output: details?.output,
      remedy: [details?.remedy, statusCommand(context)].filter((line) => line !== undefined).join("\n"),
      cause: error,
    },
  );
}

function wayBackFailed(error: unknown, backError: unknown, context: ReleaseContext): FairwayError {
  const details = isFairwayError(error) ? error : undefined;
  return new FairwayError(`${messageOf(error)}. The way back failed too: ${messageOf(backError)}`, {
    code: "WAY_BACK_FAILED",
    exitCode: exitCodes.interrupted,
    place: details?.place,
    output: details?.output,
    remedy: [
      details?.remedy,
      `See what runs, then deploy again:\n  ${statusCommand(context)}\n  ${deployCommand(context)}`,
    ]
      .filter((line) => line !== undefined)
      .join("\n"),
    cause: backError,
  });
}

function interrupted(error: unknown, plan: Plan, context: ReleaseContext): FairwayError {
  return new FairwayError(
    `The ${plan.action} of ${plan.release.version} was interrupted (${messageOf(error)}); ` +
      `a part of it may serve in ${context.environment} already, beside what served before.`,
    {
      code: "INTERRUPTED",
      exitCode: exitCodes.interrupted,
      remedy: `See what runs: ${statusCommand(context)}\nFinish it:     ${deployCommand(context)}`,
      cause: error,
    },
  );
}

async function nextDeployment(context: ReleaseContext): Promise<string> {
  const started = await context.ledger.read({
    environment: context.environment,
    types: ["deployment-started"],
  });
  return `${context.environment}-${String(started.length + 1)}`;
}

function statusCommand(context: ReleaseContext): string {
  return `${context.command} status --env ${context.environment}`;
}

function deployCommand(context: ReleaseContext): string {
  return `${context.command} deploy --env ${context.environment}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
