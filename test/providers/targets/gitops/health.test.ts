import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { healthSource, type Health } from "../../../../src/providers/targets/gitops/health/health.ts";

const token = "canary-of-kubernetes";
const wanted = "a".repeat(40);
const older = "b".repeat(40);

interface KustomizationStatus {
  readonly observedGeneration?: number;
  readonly lastAppliedRevision?: string;
  readonly lastAttemptedRevision?: string;
  readonly conditions?: readonly Record<string, string>[];
}

/** The Kubernetes API with one Kustomization, as Flux's documentation has its status. */
async function asked(
  status: KustomizationStatus | undefined,
  spec: object = { wait: true },
  http: { readonly status: number } = { status: 200 },
): Promise<Health & { readonly requests: readonly string[] }> {
  const requests: string[] = [];
  const url = await listening((request, response) => {
    requests.push(`${request.headers.authorization ?? ""} ${request.url ?? ""}`);
    const body = http.status === 200 ? { metadata: { generation: 2 }, spec, status } : { message: "no" };
    response.writeHead(http.status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  const source = healthSource(
    {
      ...{ kind: "flux", url, token, tokenAt: "the value KUBERNETES_TOKEN in --secrets" },
      ...{ namespace: "flux-system", kustomization: "shop" },
    },
    {},
  );
  const { signal } = new AbortController();
  const isWanted = async (revision: string) => revision === wanted;
  return { ...(await source({ isWanted, services: null, refresh: true, signal })), requests };
}

async function listening(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}

const ready = (status: string, reason: string, message: string) => ({
  type: "Ready",
  status,
  reason,
  message,
});
const applied = ready("True", "ReconciliationSucceeded", "Applied revision");

it("Flux is asked through the Kubernetes API, and believed when the wanted revision is applied and ready", async () => {
  const { requests, ...health } = await asked({
    observedGeneration: 2,
    lastAppliedRevision: `main@sha1:${wanted}`,
    lastAttemptedRevision: `main@sha1:${wanted}`,
    conditions: [applied],
  });
  expect(health).toEqual({
    health: "healthy",
    detail: "Flux: shop is ready at aaaaaaa (ReconciliationSucceeded: Applied revision)",
  });
  expect(requests).toEqual([
    `Bearer ${token} /apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations/shop`,
  ]);
});

it.each<[string, KustomizationStatus | undefined, Partial<Health>]>([
  [
    "ready at an older revision",
    {
      observedGeneration: 2,
      lastAppliedRevision: `main@sha1:${older}`,
      lastAttemptedRevision: `main/${older}`,
      conditions: [applied],
    },
    { health: "progressing", detail: expect.stringContaining("is at bbbbbbb still") as string },
  ],
  [
    "ready, for another generation of its spec",
    {
      observedGeneration: 1,
      lastAppliedRevision: `main@sha1:${wanted}`,
      lastAttemptedRevision: `main@sha1:${wanted}`,
      conditions: [applied],
    },
    { health: "progressing" },
  ],
  [
    "at work",
    {
      observedGeneration: 2,
      lastAppliedRevision: `main@sha1:${older}`,
      lastAttemptedRevision: `main@sha1:${wanted}`,
      conditions: [ready("Unknown", "Progressing", "Running health checks")],
    },
    { health: "progressing", detail: expect.stringContaining("Running health checks") as string },
  ],
  [
    "unhealthy",
    {
      observedGeneration: 2,
      lastAppliedRevision: `main@sha1:${older}`,
      lastAttemptedRevision: `main@sha1:${wanted}`,
      conditions: [ready("False", "HealthCheckFailed", "timeout waiting for: [Deployment/shop/api]")],
    },
    {
      health: "degraded",
      detail: expect.stringContaining("timeout waiting for: [Deployment/shop/api]") as string,
    },
  ],
  [
    "waiting for another",
    {
      lastAttemptedRevision: `main@sha1:${wanted}`,
      conditions: [ready("False", "DependencyNotReady", "dependency 'flux-system/base' is not ready")],
    },
    { health: "progressing" },
  ],
  [
    "stalled",
    {
      lastAttemptedRevision: `main@sha1:${wanted}`,
      conditions: [{ type: "Stalled", status: "True", reason: "X", message: "the path is not there" }],
    },
    { health: "degraded", failed: true, detail: "Flux: shop is stalled: the path is not there" },
  ],
  ["new", undefined, { health: "progressing", detail: "Flux: shop has not been looked at yet" }],
])("a Kustomization that is %s", async (_, status, health) => {
  expect(await asked(status)).toMatchObject(health);
});

it("one that is suspended says how it is resumed", async () => {
  expect(await asked(undefined, { wait: true, suspend: true })).toMatchObject({
    health: "progressing",
    hint: "flux resume kustomization shop",
  });
});

it("one that does not look at health is no proof, and is refused", async () => {
  await expect(asked({ conditions: [applied] }, {})).rejects.toMatchObject({
    code: "HEALTH_REFUSED",
    exitCode: 2,
    remedy: "set `wait: true` in its spec",
  });
  expect(await asked(undefined, { healthChecks: [{ kind: "Deployment", name: "api" }] })).toMatchObject({
    health: "progressing",
  });
});

it("a token that is refused is told by its name alone, and a server that is away for a moment is no verdict", async () => {
  const error = (await asked(undefined, {}, { status: 403 }).catch((caught: unknown) => caught)) as Error;
  expect(error).toMatchObject({ code: "HEALTH_REFUSED", message: "Kubernetes answered 403: no" });
  expect(JSON.stringify(error)).toContain("KUBERNETES_TOKEN");
  expect(`${error.message}${JSON.stringify(error)}`).not.toContain("canary");
  expect(await asked(undefined, {}, { status: 503 })).toMatchObject({
    health: "unknown",
    detail: "Kubernetes answered 503: no",
  });
});

it("what speaks no JSON is not the API, and what does not answer is unknown", async () => {
  const options = { kind: "argocd", token, tokenAt: "TOKEN", application: "shop" } as const;
  const { signal } = new AbortController();
  const question = { isWanted: async () => true, services: null, refresh: false, signal };
  const page = await listening((_, response) => response.end("<!doctype html><title>Argo CD</title>"));
  await expect(healthSource({ ...options, url: page }, {})(question)).rejects.toMatchObject({
    code: "HEALTH_REFUSED",
    message: "what answers there is not Argo CD: it does not speak JSON",
  });
  const cut = await listening((_, response) => {
    response.writeHead(200, { "content-length": "100" }).write("{");
    setTimeout(() => response.destroy(), 20);
  });
  for (const url of ["http://127.0.0.1:1", "http://localhost:1", cut]) {
    expect(await healthSource({ ...options, url }, {})(question)).toMatchObject({
      health: "unknown",
      detail: expect.stringMatching(/^Argo CD does not answer: .+/) as string,
    });
  }
});

it("an application of several sources is at the wanted revision when one of them is", async () => {
  const paths: string[] = [];
  const application = {
    spec: {},
    status: { sync: { status: "Synced", revisions: [older, wanted] }, health: { status: "Healthy" } },
  };
  const url = await listening((request, response) => {
    paths.push(request.url ?? "");
    response.end(JSON.stringify(application));
  });
  const name = { application: "shop/staging", project: "shops", namespace: "teams" };
  const source = healthSource({ kind: "argocd", url: `${url}/argo/`, token, tokenAt: "TOKEN", ...name }, {});
  const { signal } = new AbortController();
  const asking = { services: null, refresh: true, signal };
  expect(await source({ ...asking, isWanted: async (revision) => revision === wanted })).toEqual({
    health: "healthy",
    detail: "Argo CD: shop/staging is Synced to bbbbbbb, aaaaaaa and Healthy",
  });
  expect(await source({ ...asking, isWanted: async () => false })).toMatchObject({ health: "progressing" });
  expect(paths[0]).toBe(
    "/argo/api/v1/applications/shop%2Fstaging?project=shops&appNamespace=teams&refresh=normal",
  );
});

it("an API with an authority of its own is believed with its certificate, and only then", async ({
  skip,
}) => {
  const directory = await mkdtemp(join(tmpdir(), "fairway-certificate-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  const [key, certificate] = [join(directory, "key.pem"), join(directory, "certificate.pem")];
  const made = spawnSync("openssl", [
    ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", certificate],
    ...["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
  ]);
  if (made.status !== 0) skip("openssl, which makes the certificate, is not installed");
  const ca = await readFile(certificate, "utf8");
  const server = createHttpsServer({ key: await readFile(key), cert: ca }, (_, response) => {
    response.end(
      JSON.stringify({ spec: {}, status: { sync: { status: "Synced", revision: wanted }, health: {} } }),
    );
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const url = `https://127.0.0.1:${(server.address() as { port: number }).port}`;
  const options = { kind: "argocd", url, token, tokenAt: "TOKEN", application: "shop" } as const;
  const { signal } = new AbortController();
  const question = { isWanted: async () => true, services: null, refresh: false, signal };
  expect((await healthSource({ ...options, ca }, {})(question)).detail).toContain("is Synced to aaaaaaa");
  await expect(healthSource(options, {})(question)).rejects.toMatchObject({
    code: "HEALTH_REFUSED",
    message: expect.stringMatching(/^Argo CD is not who it says it is: self-signed certificate/) as string,
    remedy: expect.stringContaining("under ca") as string,
  });
});
