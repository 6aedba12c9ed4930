import type { Clock } from "../../../model/clock.ts";
import { failure, held, type FairwayError } from "../../../model/errors.ts";
import type { Release } from "../../../model/plan.ts";
import type { OperationContext, OperationResult, WholeOperation } from "../../../model/target.ts";
import type { Branch, BranchState } from "./branch.ts";
import { isHeldBy } from "./fence.ts";
import type { ForeignImages } from "./foreign-images.ts";
import type { Health, HealthSource } from "./health/health.ts";
import { setsTheImagesOf, whoSet } from "./history.ts";

export interface AwaitOptions {
  readonly environment: string;
  readonly branch: Branch;
  readonly source: HealthSource;
  readonly clock: Clock;
  readonly pollSeconds: number;
  readonly degradedSeconds: number;
  /** True when the config says that nobody is asked. */
  readonly notObserved: boolean;
  readonly foreign: ForeignImages;
}

/** The repository is looked at this often, and the controller asked to look at it, when nothing else is a reason to. */
const lookMs = 30_000;

/**
 * Waits until whoever rolls out says that this release runs and is healthy.
 * @throws FairwayError NOT_HEALTHY with its own words: at once when it says that it has failed, after `degradedSeconds` when it
 * stays unhealthy, at the end of the time; TARGET_CHANGED (exit 3) when somebody else sets other images meanwhile
 */
export async function awaitHealthy(
  operation: Extract<WholeOperation, { kind: "await-healthy" }>,
  release: Release,
  context: OperationContext,
  options: AwaitOptions,
): Promise<OperationResult> {
  const { branch, clock } = options;
  const { signal, report } = context;
  const startedAt = clock.now().getTime();
  let looked: { readonly at: number; readonly head: string } | null = null;
  let degradedAt: number | null = null;
  let said: string | null = null;
  for (;;) {
    const now = clock.now().getTime();
    const refresh = looked === null || now - looked.at >= lookMs;
    if (looked === null || refresh) looked = { at: now, head: await headWith(release, context, options) };
    const { head } = looked;
    const seen = await options.source({
      isWanted: (revision) => setsTheImagesOf(branch, head, revision),
      services: release.services,
      refresh,
      signal,
    });
    if (seen.health === "healthy" || options.notObserved) {
      // What is healthy must still be what the branch asks for.
      await headWith(release, context, options);
      return { observed: seen.detail };
    }
    if (seen.failed === true) throw unhealthy(operation.version, seen, "failed");
    degradedAt = seen.health === "degraded" ? (degradedAt ?? now) : null;
    if (degradedAt !== null && now - degradedAt >= options.degradedSeconds * 1000) {
      throw unhealthy(operation.version, seen, `is unhealthy for ${options.degradedSeconds} s`);
    }
    if (now - startedAt >= operation.timeoutSeconds * 1000) {
      throw unhealthy(operation.version, seen, `was not healthy within ${operation.timeoutSeconds} s`);
    }
    if (seen.detail !== said) {
      report(seen.detail);
      // It may be at a commit that came after the last look.
      if (said !== null) looked = { at: looked.at, head: await headWith(release, context, options) };
    }
    said = seen.detail;
    await clock.sleep(options.pollSeconds * 1000, signal);
  }
}

/** The newest commit of the branch, which is held by this deploy and has its images. */
async function headWith(release: Release, context: OperationContext, options: AwaitOptions): Promise<string> {
  const state = await options.branch.look(context.signal);
  isHeldBy(state.fence, context.fencingToken, options.environment);
  await requireImages(state, release, options);
  return state.head;
}

/** While it waits, the manifests may become somebody else's. */
async function requireImages(state: BranchState, release: Release, options: AwaitOptions) {
  const { branch, environment, foreign } = options;
  for (const { name, image } of release.services) {
    const there = state.images[name];
    if (there === image) continue;
    foreign.add(name, there ?? null);
    throw held(
      `${environment} has ${there ?? "no image"} for ${name} now, set by ${await whoSet(branch, state.head)}, not ` +
        `${release.version}. It is left as it is.`,
      {
        code: "TARGET_CHANGED",
        place: state.manifests.entries[name]?.place,
        remedy: `Look at it, then deploy again:\nnpx fairway status --env ${environment}`,
      },
    );
  }
}

function unhealthy(version: string, { detail, hint }: Health, how: string): FairwayError {
  return failure(`${version} ${how}: ${detail}`, { code: "NOT_HEALTHY", remedy: hint });
}
