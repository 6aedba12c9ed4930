import { exitCodes, FairwayError, isFairwayError, unreachable, usageError } from "../../../model/errors.ts";
import type { Observation, ObservedRevision, Target } from "../../../model/target.ts";
import { scrubOf } from "../../../model/scrub.ts";
import { smokeTest } from "../smoke.ts";
import { awaitHealthy } from "./await-healthy.ts";
import { openBranch, type Branch, type BranchState } from "./branch.ts";
import { authorOf, commitMessage, trailersOf } from "./commit-message.ts";
import { fenceText, isHeldBy } from "./fence.ts";
import { foreignImages } from "./foreign-images.ts";
import { healthSource, type Health, type HealthSource } from "./health/health.ts";
import { setsTheImagesOf } from "./history.ts";
import type { GitopsTargetOptions } from "./options.ts";
import { setImages, type SetImagesOptions } from "./set-images.ts";
import { writeCommit } from "./write.ts";

export type { GitopsTargetOptions } from "./options.ts";
export type { HealthOptions } from "./health/health.ts";
export type { ManifestsKind } from "./manifests/manifests.ts";

/**
 * An environment whose wishes are files in a git repository, which a controller (Argo CD, Flux) carries out: a release is one
 * commit, and so is the way back. Everything goes over HTTPS with a token.
 * @throws FairwayError GIT_URL, GITOPS_URLS (exit 2)
 */
export async function gitopsTarget(options: GitopsTargetOptions): Promise<Target> {
  const { environment, clock, urls, actor } = options;
  requireAddresses(options);
  const branch = await openBranch(options);
  const source = healthSource(options.health, urls);
  const foreign = foreignImages();
  const writing = (signal: AbortSignal, report: (line: string) => void): SetImagesOptions => ({
    ...{ branch, clock, author: authorOf(actor), signal, report, environment, actor, foreign },
  });
  return {
    kind: "gitops",
    environment,
    rollout: "as a whole",
    observe: (secrets) => observed(options, branch, source, secrets !== undefined),
    urls: () => Promise.resolve(urls),
    prepare: async (context) => {
      const { fencingToken: token, operationId: operation, signal, report } = context;
      await writeCommit(writing(signal, report), async ({ fence }) => {
        if (isHeldBy(fence, token, environment)) return null;
        return {
          files: { [branch.fencePath]: fenceText(environment, { token, operation }) },
          message: commitMessage(
            `Hold ${environment} for ${operation.split("/")[0] ?? operation}`,
            trailersOf(environment, context, actor),
          ),
        };
      });
      // The database is not the controller's: who wants it migrated gives its URL as a secret.
      return { urls, databaseUrl: null };
    },
    apply: async (operation, release, context) => {
      switch (operation.kind) {
        case "set-images":
          return setImages(operation, context, writing(context.signal, context.report));
        case "await-healthy":
          return awaitHealthy(operation, release, context, {
            ...{ environment, branch, source, clock, foreign },
            pollSeconds: options.pollSeconds ?? 5,
            degradedSeconds: options.degradedSeconds ?? 60,
            notObserved: options.health.kind === "not observed",
          });
        case "replace-replica":
        case "remove-replica":
        case "start-beside":
        case "set-weight":
        case "take-over":
        case "stop-beside":
          throw new Error(`a gitops environment is rolled out as a whole, not by ${operation.kind}`);
        default:
          return unreachable(operation);
      }
    },
    smoke: async (checks, { signal, report, secrets }, side, tries) => {
      if (side !== undefined) throw new Error("a gitops environment runs nothing beside what serves");
      const scrub = scrubOf([...Object.values(secrets), options.token]);
      const remedy = (service: string) =>
        urls[service] === undefined
          ? `give it one: environments.${environment}.gitops.urls.${service}`
          : logsRemedy(options);
      return smokeTest(checks, { urls, clock, signal, scrub, report, remedy, tries });
    },
    stop: () =>
      Promise.reject(
        refused("cannot be stopped from here: its controller runs what the manifests say", {
          code: "TARGET_CANNOT_STOP",
          remedy: "take it out of the manifests repository, or set its replicas to 0 there",
        }),
      ),
    // eslint-disable-next-line require-yield
    logs: async function* () {
      throw refused("keeps no logs that are reached from here", {
        code: "TARGET_HAS_NO_LOGS",
        remedy: logsRemedy(options),
      });
    },
  };

  function refused(message: string, details: { readonly code: string; readonly remedy: string }) {
    return new FairwayError(`${environment} ${message}`, { ...details, exitCode: exitCodes.usage });
  }
}

/** @param strictly asked by who is going to change something: what cannot be asked is told before that, not after */
async function observed(
  options: GitopsTargetOptions,
  branch: Branch,
  source: HealthSource,
  strictly: boolean,
): Promise<Observation> {
  const { signal } = new AbortController();
  const state = await branch.look(signal);
  const health = await healthOf(branch, state, source, signal).catch((error: unknown): Health => {
    if (strictly || !isFairwayError(error)) throw error;
    return { health: "unknown", detail: error.message };
  });
  const revision: ObservedRevision = {
    id: state.head,
    images: state.images,
    health: health.health,
    detail: health.detail,
  };
  const services = Object.keys(state.images).map((name) => ({
    name,
    url: options.urls[name] ?? null,
    replicas: [],
  }));
  return { services, revision, database: null };
}

function healthOf(
  branch: Branch,
  state: BranchState,
  source: HealthSource,
  signal: AbortSignal,
): Promise<Health> {
  return source({
    isWanted: (revision) => setsTheImagesOf(branch, state.head, revision),
    services: null,
    refresh: false,
    signal,
  });
}

/** Where only the addresses are asked, each service has to have one. */
function requireAddresses({ environment, health, manifests, urls }: GitopsTargetOptions): void {
  if (health.kind !== "addresses") return;
  const without = Object.keys(manifests.images).filter((service) => urls[service] === undefined);
  if (without.length === 0) return;
  throw usageError(
    `nobody can say whether ${without.join(" and ")} ${without.length === 1 ? "is" : "are"} healthy`,
    {
      code: "GITOPS_URLS",
      place: `fairway.yaml environments.${environment}.gitops`,
      remedy:
        "give argocd or flux, so that the controller is asked; or urls with the address of every service; " +
        'or health: "not observed"',
    },
  );
}

function logsRemedy({ health }: GitopsTargetOptions): string {
  if (health.kind === "argocd") return `argocd app logs ${health.application}`;
  return "kubectl logs deployment/<name>";
}
