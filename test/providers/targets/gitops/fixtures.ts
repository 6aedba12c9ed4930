import { once } from "node:events";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll } from "vitest";
import type { Clock } from "../../../../src/model/clock.ts";
import type { Release } from "../../../../src/model/plan.ts";
import type { OperationContext, Target } from "../../../../src/model/target.ts";
import { gitopsTarget, type GitopsTargetOptions } from "../../../../src/providers/targets/gitops/gitops.ts";
import { startFakeArgocd, type FakeArgocd } from "../../../support/fake-argocd.ts";
import { fastClock } from "../../../support/fast-clock.ts";
import { git, startGitServer, type GitHttpServer } from "../../../support/git-http-server.ts";
import { releaseOf } from "../../../support/releases.ts";

const gitToken = "canary-of-the-git-token";
const argocdToken = "canary-of-the-argocd-token";

const path = "apps/shop";
export const kustomization = `${path}/kustomization.yaml`;

const manifests = `# The shop.
resources:
  - ../base
images:
  - name: shop/api
    newTag: "1.10" # by hand
  - name: shop/web
    newTag: "1.10"
`;

export interface GitopsEnvironment extends AsyncDisposable {
  readonly server: GitHttpServer;
  /** The bare repository. */
  readonly bare: string;
  readonly argocd: FakeArgocd;
  readonly clock: Clock;
  readonly target: Target;
  /** What its targets are opened with, for one in a process of its own. */
  readonly options: GitopsTargetOptions;
  readonly reports: string[];
  /** Another process that deploys there. */
  another(overrides?: Partial<GitopsTargetOptions>): Promise<Target>;
  context(overrides?: Partial<OperationContext>): OperationContext;
  /** Changes a file as a person would, and pushes; answers the commit. */
  byHand(file: string, change: (text: string) => string, message?: string): Promise<string>;
  /** `git log` of the branch, newest first. */
  readonly log: (format: string) => string[];
  /** A file at the newest commit. */
  file(name: string): string;
}

/** A manifests repository on a server, an Argo CD that follows it, and services that answer as what was synced. */
export async function gitopsEnvironment(
  overrides: Partial<GitopsTargetOptions> = {},
): Promise<GitopsEnvironment> {
  const clock = overrides.clock ?? fastClock();
  const server = await startGitServer(gitToken);
  const bare = server.create("manifests");
  await cp(await template(), bare, { recursive: true });
  let clone: string | undefined;
  const argocd = await startFakeArgocd({
    ...{ repository: bare, path, application: "shop", token: argocdToken, clock, stepMs: 2000 },
  });
  // Answers with what the cluster was told to run.
  const services = createServer((_request, response) => {
    response.end(git(bare, "show", `${argocd.synced()}:${kustomization}`));
  }).listen(0, "127.0.0.1");
  await once(services, "listening");
  const url = `http://127.0.0.1:${(services.address() as { port: number }).port}`;
  const options: GitopsTargetOptions = {
    environment: "staging",
    repository: server.url("manifests"),
    branch: "main",
    path,
    manifests: {
      kind: "kustomize",
      file: "kustomization.yaml",
      images: { api: "shop/api", web: "shop/web" },
    },
    token: gitToken,
    tokenAt: "the value MANIFESTS_TOKEN in --secrets",
    urls: { api: url, web: url },
    health: {
      kind: "argocd",
      url: argocd.url,
      token: argocdToken,
      tokenAt: "the value ARGOCD_TOKEN in --secrets",
      application: "shop",
    },
    clock,
    pollSeconds: 2,
    degradedSeconds: 20,
    actor: "ada@laptop",
    ...overrides,
  };
  const open = (others: Partial<GitopsTargetOptions> = {}) => gitopsTarget({ ...options, ...others });
  const reports: string[] = [];
  let operations = 0;
  return {
    ...{ server, bare, argocd, clock, options, reports },
    target: await open(),
    another: open,
    context: (others = {}) => ({
      fencingToken: 1,
      operationId: `staging-1/${++operations}/${others.fencingToken ?? 1}`,
      secrets: {},
      signal: new AbortController().signal,
      report: (line) => reports.push(line),
      ...others,
    }),
    byHand: async (file, change, message = "By hand") => {
      if (clone === undefined) {
        clone = await mkdtemp(join(tmpdir(), "fairway-gitops-"));
        git(clone, "clone", "--quiet", bare, ".");
      } else git(clone, "pull", "--quiet", "--rebase", "origin", "main");
      const path = join(clone, file);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, change(await readFile(path, "utf8").catch(() => "")));
      return commitAll(clone, message);
    },
    log: (format) => git(bare, "log", `--format=${format}`, "main").split("\n"),
    file: (name) => git(bare, "show", `main:${name}`),
    [Symbol.asyncDispose]: async () => {
      services.closeAllConnections();
      services.close();
      await argocd[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      if (clone !== undefined) await rm(clone, { recursive: true });
    },
  };
}

let made: Promise<string> | undefined;

afterAll(async () => {
  if (made !== undefined) await rm(dirname(await made), { recursive: true });
});

/** A bare repository with the manifests, made once for all tests of a file. */
function template(): Promise<string> {
  made ??= (async () => {
    const root = await mkdtemp(join(tmpdir(), "fairway-manifests-"));
    const [bare, work] = [join(root, "bare"), join(root, "work")];
    git(root, "init", "--quiet", "--bare", "--initial-branch=main", bare);
    git(root, "clone", "--quiet", bare, work);
    await mkdir(join(work, path), { recursive: true });
    await writeFile(join(work, kustomization), manifests);
    commitAll(work, "The shop");
    return bare;
  })();
  return made;
}

function commitAll(directory: string, message: string): string {
  git(directory, "add", "--all");
  git(directory, "commit", "--quiet", "--message", message);
  git(directory, "push", "--quiet", "origin", "HEAD:main");
  return git(directory, "rev-parse", "HEAD");
}

/** Brings the release there, as the release code does for a target that rolls out by itself. */
export async function deploy(target: Target, release: Release, context: OperationContext): Promise<string[]> {
  await target.prepare(context, { services: [], postgres: null });
  const { revision } = await target.observe();
  const set = await target.apply(setImages(release, revision?.images ?? {}), release, context);
  const waited = await target.apply(awaitHealthy(release), release, context);
  return [set.observed, waited.observed];
}

export function setImages(release: Release, before: Readonly<Record<string, string | null>>) {
  const images = release.services.map(({ name, image }) => ({
    service: name,
    image,
    replaces: before[name] ?? null,
  }));
  return { kind: "set-images", version: release.version, images } as const;
}

export function awaitHealthy({ version }: Release, timeoutSeconds = 60) {
  return { kind: "await-healthy", version, timeoutSeconds } as const;
}

export const v1 = releaseOf("v1");
export const v2 = releaseOf("v2");
export const imagesOf = ({ services }: Release) =>
  Object.fromEntries(services.map(({ name, image }) => [name, image]));
export const digestOf = ({ services }: Release) => services[0]!.image.split("@")[1]!;
