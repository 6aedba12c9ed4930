import { createServer } from "node:http";
import { once } from "node:events";
import { mkdtemp, rm, writeFile, mkdir } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "../../src/model/clock.ts";
import { startFakeArgocd } from "../support/fake-argocd.ts";
import { git, gitServerMissing, startGitServer } from "../support/git-http-server.ts";
import { repositoryOf } from "../e2e/support/repository.ts";

const missing = gitServerMissing();

test.skipIf(missing !== undefined)(
  `a release is a commit in a manifests repository, and its ledger a ref of the team's own remote${missing === undefined ? "" : ` (${missing})`}`,
  async () => {
    await using server = await startGitServer("git-token-canary");
    server.create("tiny");
    const manifests = server.create("manifests");
    await commitManifests(manifests);
    await using argocd = await startFakeArgocd({
      ...{ repository: manifests, path: "staging", application: "tiny-staging", token: "argo-token-canary" },
      ...{ clock: systemClock, stepMs: 300 },
    });
    const service = createServer((_request, response) => response.end("hello from staging")).listen(
      0,
      "127.0.0.1",
    );
    await once(service, "listening");
    const address = `http://127.0.0.1:${String((service.address() as AddressInfo).port)}`;

    await using repository = await repositoryOf("tiny");
    await repository.write("fairway.yaml", config(server.url("manifests"), argocd.url, address));
    await repository.write(
      "secrets.env",
      "LEDGER_TOKEN=git-token-canary\nMANIFESTS_TOKEN=git-token-canary\nARGOCD_TOKEN=argo-token-canary\n",
    );
    await repository.write(".gitignore", "secrets.env\n.fairway\n");
    const first = repository.commit("feat: staging");
    git(repository.path, "remote", "add", "origin", server.url("tiny"));
    const fairway = (...args: readonly string[]) =>
      repository.fairway("--secrets", "file:secrets.env", ...args);

    const live = await fairway("deploy", "--env", "staging");
    expect(live.output).toContain(`${first} is live in staging`);
    expect(live.exitCode).toBe(0);
    const written = git(manifests, "show", "main:staging/kustomization.yaml");
    const [digest] = /sha256:[0-9a-f]{64}/.exec(written) ?? [];
    expect(live.output).toContain(digest);
    expect(written).toContain("# kept by the team");

    expect((await fairway("deploy", "--env", "staging")).output).toContain("Nothing to do");

    // The ledger is on the remote, readable with git alone; on this machine is nothing of it but a cache.
    await rm(join(repository.path, ".fairway/ledger"), { recursive: true, force: true });
    const status = await fairway("status", "--env", "staging");
    expect(status.output).toMatch(new RegExp(`staging +${first} on main is live: staging-1`));
    expect(status.output).toContain("healthy");
    expect(git(join(manifests, "../tiny.git"), "log", "--format=%s", "refs/fairway/ledger")).toContain(
      "deployment-succeeded",
    );

    await repository.write("greeting.js", 'export const greeting = () => "hello from tiny";\n// two\n');
    const second = repository.commit("feat: two");
    expect((await fairway("deploy", "--env", "staging")).output).toContain(`${second} is live in staging`);
    const back = await fairway("rollback", "--env", "staging", "--reason", "Performance issue");
    expect(back.output).toContain(`${first} is live again in staging`);
    expect(git(manifests, "show", "main:staging/kustomization.yaml")).toBe(written);

    const everything = [live, status, back].map(({ output }) => output).join("\n");
    for (const canary of ["git-token-canary", "argo-token-canary"]) expect(everything).not.toContain(canary);
    service.close();
  },
);

/** Straight into the bare repository: git is run in a way in which the server of this process could not answer. */
async function commitManifests(bare: string): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "fairway-manifests-"));
  try {
    git(directory, "clone", "--quiet", bare, "clone");
    const clone = join(directory, "clone");
    await mkdir(join(clone, "staging"));
    const file =
      "# kept by the team\nresources: [deployment.yaml]\nimages:\n  - name: web\n    newName: web\n    newTag: none\n";
    await writeFile(join(clone, "staging/kustomization.yaml"), file);
    git(clone, "switch", "--quiet", "--orphan", "main");
    git(clone, "add", "--all");
    git(clone, "commit", "--quiet", "--message", "The manifests");
    git(clone, "push", "--quiet", "origin", "main");
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const config = (manifests: string, argocd: string, address: string) => `name: tiny
checks: [lint, unit]
ledger: { git: { token: LEDGER_TOKEN } }
services:
  web:
    dockerfile: Dockerfile
    port: 3000
    ready: /health
environments:
  local:
    target: local
  staging:
    branch: main
    standIns: allowed
    target:
      gitops:
        repository: ${manifests}
        path: staging
        kustomize: { images: { web: web } }
        token: MANIFESTS_TOKEN
        argocd: { url: "${argocd}", token: ARGOCD_TOKEN, application: tiny-staging }
        urls: { web: "${address}" }
        pollSeconds: 1
    smoke: [{ service: web, path: /, contains: hello }]
`;
