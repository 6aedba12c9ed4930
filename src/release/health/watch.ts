import type { Clock } from "../../model/clock.ts";
import { failure, held } from "../../model/errors.ts";
import type { Operation, Release, ReviewLimits } from "../../model/plan.ts";
import type { Observation, OperationContext, OperationResult, Target, Traffic } from "../../model/target.ts";
import { besideIn, serviceIn, servingIn } from "../observed.ts";
import { overLimits, type CountedTraffic } from "./traffic.ts";

type Watch = Extract<Operation, { kind: "watch" }>;

/** The code of the error that says: a person has to decide. */
export const reviewNeeded = "REVIEW_NEEDED";

const lookEverySeconds = 5;
/** One bad look is a hiccup; this many in a row are none. */
const badLooks = 3;

interface Watching extends OperationContext {
  readonly target: Pick<Target, "observe" | "smoke" | "traffic">;
  readonly clock: Clock;
}

/**
 * Looks at a release that serves until the time is over, and for as long after it as the last look was bad.
 * @throws FairwayError UNHEALTHY_AFTER_RELEASE (exit 1): it has to go; REVIEW_NEEDED (exit 3): a person decides
 */
export async function watchRelease(
  operation: Watch,
  release: Release,
  watching: Watching,
): Promise<OperationResult> {
  const { clock, target, signal } = watching;
  const until = clock.now().getTime() + operation.seconds * 1000;
  const pauseMs = (1000 * Math.min(lookEverySeconds * badLooks, operation.seconds)) / badLooks;
  const before = operation.reviewOn === null ? null : await countersOf(target);
  let looks = 0;
  let inARow = 0;
  while (clock.now().getTime() < until || inARow > 0) {
    await clock.sleep(pauseMs, signal);
    const wrong = await whatIsWrong(operation, release, watching);
    looks += 1;
    inARow = wrong === null ? 0 : inARow + 1;
    if (wrong !== null) watching.report(wrong);
    if (wrong === null || inARow < badLooks) continue;
    throw failure(`after the release: ${wrong} (${String(badLooks)} looks in a row)`, {
      code: "UNHEALTHY_AFTER_RELEASE",
    });
  }
  const seen = `${String(looks)} looks, all good at the end`;
  if (operation.reviewOn === null) return { observed: seen };
  const counted = await judged(operation.reviewOn, before, watching);
  if (counted.over.length === 0) return { observed: `${seen}; ${counted.says}` };
  throw held(counted.over.join("; "), { code: reviewNeeded, output: counted.says });
}

/** Figures that cannot be read are none: a person judges, and nothing that serves well is taken away for it. */
async function judged(
  limits: ReviewLimits,
  before: readonly Traffic[] | null,
  { target }: Watching,
): Promise<CountedTraffic> {
  const after = await countersOf(target);
  const serving = await versionsIn(target).catch(() => null);
  if (before !== null && after !== null && serving !== null)
    return overLimits(limits, before, after, serving);
  return { over: ["the counters of requests could not be read"], says: "nothing was counted" };
}

/** Null where they cannot be read. */
async function countersOf(target: Watching["target"]): Promise<readonly Traffic[] | null> {
  try {
    return (await target.traffic?.()) ?? [];
  } catch {
    return null;
  }
}

async function whatIsWrong(watch: Watch, release: Release, watching: Watching): Promise<string | null> {
  const { rollBackOn, smoke, beside } = watch;
  const { target, signal } = watching;
  if (rollBackOn.includes("health")) {
    const wrong = await target.observe().then(
      (observed) => unhealthy(release, observed, beside),
      (error: unknown) => `it cannot be looked at: ${messageOf(error)}`,
    );
    if (wrong !== null) return wrong;
  }
  if (!rollBackOn.includes("smoke") || smoke.length === 0) return null;
  try {
    // A hiccup is what the next look is for. At the public address what served before would answer for what is gone.
    await target.smoke(smoke, watching, beside === undefined ? undefined : "beside", "once");
    return null;
  } catch (error) {
    signal.throwIfAborted();
    return messageOf(error);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Null where all is well. A target that rolls out by itself says it itself, and silence is no health. */
function unhealthy(release: Release, observed: Observation, beside: readonly string[] = []): string | null {
  const { revision } = observed;
  if (revision !== undefined) {
    return revision.health === "healthy" ? null : `it is ${revision.health}: ${revision.detail}`;
  }
  for (const { name, replicas: wanted } of release.services) {
    const weight = serviceIn(observed, name)?.weight;
    const isBeside = beside.includes(name);
    if (isBeside && (weight?.percent !== 100 || weight.version !== release.version)) {
      return `visitors of ${name} do not get ${release.version} any more`;
    }
    const serving = isBeside
      ? besideIn(observed, name).filter(
          ({ inRotation, version }) => inRotation && version === release.version,
        )
      : servingIn(observed, name);
    const ready = serving.filter(({ state }) => state === "ready").length;
    if (ready < wanted) return `${String(ready)} of ${String(wanted)} replicas of ${name} are ready`;
  }
  return null;
}

/** What answers is known by the version that each replica was started with, which may be an older one of the same image. */
async function versionsIn(
  target: Watching["target"],
): Promise<readonly { service: string; version: string }[]> {
  const { services } = await target.observe();
  return services.flatMap(({ name, replicas }) =>
    replicas.filter(({ inRotation }) => inRotation).map(({ version }) => ({ service: name, version })),
  );
}
