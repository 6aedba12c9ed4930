import type { Clock } from "../../model/clock.ts";
import { failure, held } from "../../model/errors.ts";
import type { Operation, Release } from "../../model/plan.ts";
import type { Observation, OperationContext, OperationResult, Target } from "../../model/target.ts";
import { overLimits } from "./traffic.ts";

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
  const before = (await target.traffic?.()) ?? [];
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
  const counted = overLimits(
    operation.reviewOn,
    before,
    (await target.traffic?.()) ?? [],
    await serving(watching),
  );
  if (counted.over.length === 0) return { observed: `${seen}; ${counted.says}` };
  throw held(counted.over.join("; "), { code: reviewNeeded, output: counted.says });
}

async function whatIsWrong(
  { rollBackOn, smoke }: Watch,
  release: Release,
  watching: Watching,
): Promise<string | null> {
  const { target, signal } = watching;
  if (rollBackOn.includes("health")) {
    const wrong = unhealthy(release, await target.observe());
    if (wrong !== null) return wrong;
  }
  if (!rollBackOn.includes("smoke") || smoke.length === 0) return null;
  try {
    await target.smoke(smoke, watching);
    return null;
  } catch (error) {
    signal.throwIfAborted();
    return error instanceof Error ? error.message : String(error);
  }
}

/** Null where all is well. A target that rolls out by itself says it itself, and silence is no health. */
function unhealthy(release: Release, { services, revision }: Observation): string | null {
  if (revision !== undefined) {
    return revision.health === "healthy" ? null : `it is ${revision.health}: ${revision.detail}`;
  }
  for (const { name, replicas: wanted } of release.services) {
    const replicas = services.find((service) => service.name === name)?.replicas ?? [];
    const ready = replicas.filter(({ state, inRotation }) => state === "ready" && inRotation).length;
    if (ready < wanted) return `${String(ready)} of ${String(wanted)} replicas of ${name} are ready`;
  }
  return null;
}

/** What answers is known by the version that each replica was started with, which may be an older one of the same image. */
async function serving({ target }: Watching): Promise<readonly { service: string; version: string }[]> {
  const { services } = await target.observe();
  return services.flatMap(({ name, replicas }) =>
    replicas.filter(({ inRotation }) => inRotation).map(({ version }) => ({ service: name, version })),
  );
}
