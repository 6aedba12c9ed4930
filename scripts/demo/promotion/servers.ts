import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createDatabase, startPostgres } from "../../../src/host/postgres/postgres.ts";
import { startRegistryServer } from "../../../src/host/registry/registry.ts";
import { systemClock } from "../../../src/model/clock.ts";
import { startFakeArgocd, type FakeArgocd } from "../../../test/support/fake-argocd.ts";
import { git, startGitServer, type GitHttpServer } from "../../../test/support/git-http-server.ts";

export const environments = ["staging", "production"] as const;
export type EnvironmentName = (typeof environments)[number];

/** What a company has around its repository, on loopback. */
export interface Servers extends AsyncDisposable {
  readonly git: GitHttpServer;
  /** `127.0.0.1:<port>/harbour`, without a login. */
  readonly registry: string;
  readonly argocd: Readonly<Record<EnvironmentName, FakeArgocd>>;
  /** The bare manifests repository that both follow. */
  readonly manifests: string;
  /** Where people would find the shop: it answers as a healthy one does, and runs nothing. */
  readonly shop: string;
  /** The dotenv document with which an environment is deployed. */
  secrets(environment: EnvironmentName): string;
}

const tokens = { git: "the-token-of-the-git-server", argocd: "the-token-of-argo-cd" };

/** How long each of the four steps of a rollout takes in the cluster that is only said to be there. */
const rolloutStepMs = 1_000;

/**
 * A git server with the shop's remote and its manifests, an Argo CD for each environment that says what it would of them, a
 * registry, and a database server. All of them end with this process, if not before.
 */
export async function startServers(directory: string): Promise<Servers> {
  await using started = new AsyncDisposableStack();
  const gitServer = started.use(await startGitServer(tokens.git));
  gitServer.create("shop");
  const manifests = gitServer.create("manifests");
  await commitManifests(manifests, join(directory, "manifests"));

  const follow = async (environment: EnvironmentName) =>
    started.use(
      await startFakeArgocd({
        repository: manifests,
        path: `shop/${environment}`,
        application: `shop-${environment}`,
        token: tokens.argocd,
        clock: systemClock,
        stepMs: rolloutStepMs,
      }),
    );
  const argocd = { staging: await follow("staging"), production: await follow("production") };

  const registry = await startRegistryServer({ root: join(directory, "registry") });
  started.defer(() => registry.close());
  const postgres = started.use(
    await startPostgres({ dataDirectory: join(directory, "postgres/data"), template: true, major: "18" }),
  );
  for (const environment of environments) await createDatabase(postgres, `shop_${environment}`);

  const shop = createServer((request, response) => {
    response.end(request.url === "/products" ? '[{"sku":"KIT-001"}]' : "<title>Catalogue</title>");
  }).listen(0, "127.0.0.1");
  await once(shop, "listening");
  started.defer(async () => {
    shop.closeAllConnections();
    shop.close();
    await once(shop, "close");
  });

  const owned = started.move();
  return {
    git: gitServer,
    registry: `${registry.address}/harbour`,
    argocd,
    manifests,
    shop: `http://127.0.0.1:${String((shop.address() as AddressInfo).port)}`,
    secrets: (environment) =>
      [
        `LEDGER_TOKEN=${tokens.git}`,
        `MANIFESTS_TOKEN=${tokens.git}`,
        `ARGOCD_TOKEN=${tokens.argocd}`,
        `DATABASE_URL=${postgres.url(`shop_${environment}`)}\n`,
      ].join("\n"),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const kustomization = `# Kept by the team; a release sets newName and digest.
resources: [../base]
images:
  - name: shop-api
    newName: shop-api
    newTag: none
  - name: shop-web
    newName: shop-web
    newTag: none
`;

/** Straight into the bare repository: git is run in a way in which the server of this process could not answer. */
async function commitManifests(bare: string, clone: string): Promise<void> {
  git(join(bare, ".."), "clone", "--quiet", bare, clone);
  for (const environment of environments) {
    await mkdir(join(clone, "shop", environment), { recursive: true });
    await writeFile(join(clone, "shop", environment, "kustomization.yaml"), kustomization);
  }
  git(clone, "switch", "--quiet", "--orphan", "main");
  git(clone, "add", "--all");
  git(clone, "commit", "--quiet", "--message", "The manifests of the shop");
  git(clone, "push", "--quiet", "origin", "main");
}
