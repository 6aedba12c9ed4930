import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import type { Clock } from "../../src/model/clock.ts";
import { git } from "./git-http-server.ts";

export interface FakeArgocdOptions {
  /** The bare repository that it follows, and the directory in it. */
  readonly repository: string;
  readonly branch?: string;
  readonly path: string;
  readonly application: string;
  readonly token: string;
  readonly clock: Clock;
  /** How long each step of a rollout takes. */
  readonly stepMs: number;
}

export interface FakeArgocd extends AsyncDisposable {
  readonly url: string;
  /** What comes of manifests that have this text in them. */
  readonly trouble: Map<
    string,
    "degraded" | "fails to sync" | "cannot be compared" | "missing" | "suspended"
  >;
  /** False: somebody has to sync by hand. */
  automated: boolean;
  /** How many steps later than it would it notices a new commit. */
  slowSteps: number;
  /** A status that every request is refused with; null for none. */
  refuses: number | null;
  /** What runs in the cluster: the commit that was last synced. */
  readonly synced: () => string;
  readonly requests: string[];
}

/**
 * Argo CD's application API, as its documentation has it, over a cluster that is only said to be there: it follows a repository,
 * and what is pushed is noticed, synced, looked at and healthy some time later, one step after the other.
 * @see https://argo-cd.readthedocs.io/en/stable/developer-guide/api-docs/
 */
export async function startFakeArgocd(options: FakeArgocdOptions): Promise<FakeArgocd> {
  const { repository, branch = "main", path, application, clock, stepMs } = options;
  const treeOf = memo((commit) => git(repository, "rev-parse", `${commit}:${path}`));
  const textOf = memo((commit) => git(repository, "grep", "--text", "-e", "", commit, "--", path));
  const head = () => readFileSync(join(repository, "refs", "heads", branch), "utf8").trim();
  let compared = head();
  let synced = compared;
  let pushed = { commit: compared, at: -Infinity };

  const http = createServer((request, response) => {
    try {
      answer(request, response);
    } catch (error) {
      json(response, 500, { error: String(error), code: 13, message: String(error) });
    }
  });

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "/", "http://argocd");
    argocd.requests.push(`${url.pathname}${url.search}`);
    if (argocd.refuses !== null) return void json(response, argocd.refuses, refusal("no answer for you"));
    if (request.headers.authorization !== `Bearer ${options.token}`)
      return void json(response, 401, refusal("invalid session: token signature is invalid"));
    if (url.pathname !== `/api/v1/applications/${application}`)
      return void json(response, 403, refusal("permission denied"));
    json(response, 200, body());
  }

  /** Where the rollout of the newest commit is by now. */
  function body() {
    const now = clock.now().getTime();
    const newest = head();
    if (newest !== pushed.commit) pushed = { commit: newest, at: now };
    const steps = Math.floor((now - pushed.at) / stepMs) - argocd.slowSteps;
    // It has not noticed: all is well with what was there before.
    if (steps < 1) return at(compared, { sync: "Synced", health: "Healthy" });
    compared = newest;
    if (treeOf(newest) === treeOf(synced)) synced = newest;
    const trouble = troubleOf(newest);
    if (trouble === "cannot be compared") {
      const conditions = [{ type: "ComparisonError", message: "failed to generate manifests" }];
      return at(newest, { sync: "Unknown", health: "Healthy", conditions });
    }
    if (!argocd.automated && synced !== newest) return at(newest, { sync: "OutOfSync", health: "Healthy" });
    if (steps < 2) return at(newest, { sync: "OutOfSync", health: "Healthy", phase: "Running" });
    if (trouble === "fails to sync")
      return at(newest, { sync: "OutOfSync", health: "Healthy", phase: "Failed" });
    synced = newest;
    const finished = pushed.at + 2 * stepMs;
    // Synced, and healthy in a look from before that.
    if (steps < 3)
      return at(newest, { sync: "Synced", health: "Healthy", phase: "Succeeded", finished, looked: 0 });
    if (steps < 4) return at(newest, { sync: "Synced", health: "Progressing", phase: "Succeeded", finished });
    const health =
      trouble === undefined
        ? "Healthy"
        : { degraded: "Degraded", missing: "Missing", suspended: "Suspended" }[trouble];
    return at(newest, { sync: "Synced", health, phase: "Succeeded", finished });
  }

  function troubleOf(commit: string) {
    return [...argocd.trouble].find(([text]) => textOf(commit).includes(text))?.[1];
  }

  interface Stage {
    readonly sync: string;
    readonly health: string;
    readonly phase?: "Running" | "Failed" | "Succeeded";
    readonly finished?: number;
    readonly looked?: number;
    readonly conditions?: readonly object[];
  }

  function at(revision: string, { sync, health, phase, finished, looked, conditions = [] }: Stage) {
    const words = {
      Running: "waiting for completion",
      Failed: "one or more objects failed to apply",
      Succeeded: "",
    };
    return {
      metadata: { name: application, namespace: "argocd" },
      spec: {
        source: { path, targetRevision: branch },
        ...(argocd.automated ? { syncPolicy: { automated: { selfHeal: true } } } : {}),
      },
      status: {
        sync: { status: sync, revision },
        health: { status: health },
        conditions,
        reconciledAt: rfc3339(looked ?? clock.now().getTime()),
        resources: [
          {
            kind: "Deployment",
            name: "api",
            status: sync,
            health: {
              status: health,
              message: health === "Degraded" ? "exceeded its progress deadline" : "",
            },
          },
        ],
        ...(phase === undefined
          ? {}
          : {
              operationState: {
                operation: { sync: { revision } },
                phase,
                message: words[phase],
                startedAt: rfc3339(pushed.at + stepMs),
                ...(phase === "Running" ? {} : { finishedAt: rfc3339(finished ?? clock.now().getTime()) }),
                syncResult: { revision, resources: [] },
              },
            }),
      },
    };
  }

  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const { port } = http.address() as { port: number };
  const argocd: FakeArgocd = {
    url: `http://127.0.0.1:${port}`,
    trouble: new Map(),
    automated: true,
    slowSteps: 0,
    refuses: null,
    synced: () => synced,
    requests: [],
    [Symbol.asyncDispose]: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  return argocd;
}

/** What a commit holds does not change. */
function memo(read: (commit: string) => string): (commit: string) => string {
  const known = new Map<string, string>();
  return (commit) => known.get(commit) ?? known.set(commit, read(commit)).get(commit)!;
}

function refusal(message: string) {
  return { error: message, code: 7, message };
}

function json(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}

/** Kubernetes' times have no fractions of seconds. */
function rfc3339(milliseconds: number): string {
  return new Date(Math.max(0, milliseconds)).toISOString().replace(/\.\d+Z$/, "Z");
}
