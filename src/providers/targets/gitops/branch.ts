import { failure, usageError } from "../../../model/errors.ts";
import { GitUnreachable, openGitRemote, type GitRemote } from "../../git/git.ts";
import { fencePath, readFence, type Fence } from "./fence.ts";
import { filesIn, readManifests, type Manifests, type ManifestsKind } from "./manifests/manifests.ts";
import type { GitopsTargetOptions } from "./options.ts";

export type Images = Readonly<Record<string, string | null>>;

/** One commit of the branch. */
export interface BranchState {
  readonly head: string;
  readonly manifests: Manifests;
  readonly images: Images;
  readonly fence: Fence | null;
}

/** The branch that a GitOps controller follows. */
export interface Branch {
  readonly remote: GitRemote;
  readonly fencePath: string;
  /** As it is on the server now; asks again for a while when no answer comes. @throws FairwayError */
  look(signal: AbortSignal): Promise<BranchState>;
  /** The images of a commit that was fetched; null where they cannot be read. */
  imagesAt(commit: string): Promise<Images | null>;
}

/** How many commits are looked back at first. */
const depth = 50;
const patienceMs = 30_000;

export async function openBranch(options: GitopsTargetOptions): Promise<Branch> {
  const { branch, environment, clock } = options;
  const directory = options.path.replace(/^(\.?\/)+|^\.$|\/+$/g, "");
  const kind = filesIn(options.manifests, directory);
  const fence = fencePath(directory, environment);
  const remote = await openGitRemote({
    url: options.repository,
    ref: `refs/heads/${branch}`,
    token: options.token,
    tokenAt: options.tokenAt,
    username: options.username,
    depth,
  });
  const fetched = async (signal: AbortSignal): Promise<string> => {
    const until = clock.now().getTime() + patienceMs;
    for (let attempt = 0; ; attempt += 1) {
      try {
        const head = await remote.fetch(signal);
        if (head === null) throw branchMissing(options);
        return head;
      } catch (error) {
        if (!(error instanceof GitUnreachable)) throw error;
        const pauseMs = Math.min(5_000, 250 * 2 ** attempt);
        if (clock.now().getTime() + pauseMs > until) throw error.error;
        await clock.sleep(pauseMs, signal);
      }
    }
  };
  const known = new Map<string, Images | null>();
  return {
    remote,
    fencePath: fence,
    look: async (signal) => {
      const head = await fetched(signal);
      const manifests = await manifestsAt(remote, kind, head);
      const text = await textAt(remote, head, fence);
      return { head, manifests, images: imagesOf(manifests), fence: readFence(fence, text) };
    },
    imagesAt: async (commit) => {
      const before = known.get(commit);
      if (before !== undefined) return before;
      const images = await manifestsAt(remote, kind, commit).then(imagesOf, () => null);
      known.set(commit, images);
      return images;
    },
  };
}

function manifestsAt(remote: GitRemote, kind: ManifestsKind, commit: string): Promise<Manifests> {
  return readManifests(kind, (file) => textAt(remote, commit, file));
}

function imagesOf({ entries }: Manifests): Images {
  return Object.fromEntries(Object.entries(entries).map(([service, { image }]) => [service, image]));
}

async function textAt({ objects }: GitRemote, commit: string, path: string): Promise<string | null> {
  const bytes = await objects.file(commit, path);
  if (bytes === null) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    const remedy = "save the file as UTF-8 in the manifests repository";
    throw failure(`${path} is not UTF-8 text`, { code: "MANIFEST_INVALID", place: path, remedy, cause });
  }
}

function branchMissing({ repository, branch, environment }: GitopsTargetOptions): Error {
  return usageError(`the manifests repository has no branch ${branch}`, {
    code: "GIT_BRANCH_MISSING",
    place: `${repository} ${branch}`,
    remedy: `create it with the manifests of ${environment}, or set gitops.branch in fairway.yaml`,
  });
}
