import type { Client, Directory, Secret } from "@dagger.io/dagger";
import { expect, it } from "vitest";
import { loadConfig } from "../../src/config/config.ts";
import { ofRepository, openDelivery } from "../../src/delivery/delivery.ts";

const text = `name: shop
registry: { url: registry.example.com/shop, password: REGISTRY_PASSWORD }
services:
  web: { dockerfile: Dockerfile, port: 3000, ready: /ready, secrets: [SESSION_KEY] }
database: { prisma: { schema: schema.prisma, url: DATABASE_URL } }
environments:
  production:
    target:
      gitops:
        repository: https://git.example.com/shop/manifests
        path: production
        token: MANIFESTS_TOKEN
        kustomize: { images: { web: web } }
        argocd: { url: https://argocd.example.com, token: ARGOCD_TOKEN, ca: ARGOCD_CA, application: shop }
        urls: { web: https://shop.example.com }
    ledger: { postgres: { url: LEDGER_URL } }
    backup: { script: "db:backup", restore: "db:restore", secrets: [SNAPSHOT_TOKEN] }
`;

it("an image is searched for every secret that the config names: of services, the database, backups, ledgers and targets", async () => {
  const names = ["SESSION_KEY", "DATABASE_URL", "SNAPSHOT_TOKEN", "LEDGER_URL", "REGISTRY_PASSWORD"];
  names.push("MANIFESTS_TOKEN", "ARGOCD_TOKEN");
  const document = [...names, "UNRELATED", "ARGOCD_CA"].map((name) => `${name}=value-of-${name}`).join("\n");
  const source = { exists: async () => false } as unknown as Directory;
  const secrets = { plaintext: async () => document } as unknown as Secret;
  const config = async () => loadConfig(text, "fairway.yaml");
  const delivery = openDelivery({} as unknown as Client, { source, secrets }, { ...ofRepository, config });
  expect(Object.keys(await delivery.knownSecrets()).sort()).toEqual([...names].sort());
});
