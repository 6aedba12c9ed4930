import { held, usageError, type FairwayError } from "../../../model/errors.ts";
import type { ImageChange } from "../../../model/plan.ts";
import type { OperationContext, OperationResult, WholeOperation } from "../../../model/target.ts";
import type { BranchState } from "./branch.ts";
import { commitMessage, trailersOf } from "./commit-message.ts";
import { isHeldBy } from "./fence.ts";
import type { ForeignImages } from "./foreign-images.ts";
import { whoSet } from "./history.ts";
import { writeCommit, type WriteOptions } from "./write.ts";

export interface SetImagesOptions extends WriteOptions {
  readonly environment: string;
  readonly actor: string | undefined;
  readonly foreign: ForeignImages;
}

/**
 * One commit with the images of all services; none when they are there already.
 * @throws FairwayError TARGET_CHANGED (exit 3) when something stands there that is neither wanted nor was there when the plan was
 * made; LEASE_LOST (exit 5) when somebody else has the environment now
 */
export async function setImages(
  { images, version }: Extract<WholeOperation, { kind: "set-images" }>,
  context: OperationContext,
  options: SetImagesOptions,
): Promise<OperationResult> {
  const { environment } = options;
  const services = images.map(({ service }) => service).join(", ");
  const { commit, state } = await writeCommit(options, async (state) => {
    if (!isHeldBy(state.fence, context.fencingToken, environment)) throw fenceGone(state, options);
    await requireUntouched(images, state, options);
    if (images.every(({ service, image }) => state.images[service] === image)) return null;
    const wanted = Object.fromEntries(images.map(({ service, image }) => [service, image]));
    return {
      files: state.manifests.set(wanted, version),
      message: commitMessage(`Release ${version} to ${environment}: ${services}`, {
        ...trailersOf(environment, context, options.actor),
        Version: version,
      }),
    };
  });
  const branch = options.branch.remote.url;
  return {
    observed:
      commit === null
        ? `${services} had these images already in ${state.head.slice(0, 7)} of ${branch}`
        : `${services} set in ${commit.slice(0, 7)} of ${branch}`,
  };
}

async function requireUntouched(
  images: readonly ImageChange[],
  state: BranchState,
  { branch, environment, foreign }: SetImagesOptions,
): Promise<void> {
  for (const { service, image, replaces } of images) {
    const entry = state.manifests.entries[service];
    if (entry === undefined) throw unknownService(service, environment);
    if (entry.image === image || (entry.image === replaces && !foreign.has(service, entry.image))) continue;
    foreign.add(service, entry.image);
    throw held(
      `${environment} has ${entry.image ?? "no image"} for ${service}, which is not what this was planned upon: it was set by ` +
        `${await whoSet(branch, state.head)}. It is left as it is.`,
      {
        code: "TARGET_CHANGED",
        place: entry.place,
        remedy: `Look at it, then deploy again:\nnpx fairway status --env ${environment}`,
      },
    );
  }
}

function unknownService(service: string, environment: string): FairwayError {
  return usageError(`where the manifests have the image of ${service} is not said`, {
    code: "GITOPS_SERVICE",
    place: `fairway.yaml environments.${environment}.gitops`,
    remedy: `add ${service} to its images`,
  });
}

/** The branch went back, or was made anew, since this deploy wrote its token. */
function fenceGone(state: BranchState, { branch, environment }: SetImagesOptions): FairwayError {
  return held(`the branch was rewritten while ${environment} was being deployed. Nothing was changed.`, {
    code: "TARGET_CHANGED",
    place: `${branch.remote.url} ${state.head.slice(0, 7)} ${branch.fencePath}`,
    remedy: `Look at it, then go on: npx fairway resume --env ${environment}`,
  });
}
