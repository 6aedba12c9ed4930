import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { commitAll, copyCommittedFiles } from "../../scripts/copy-example.ts";
import { startServers } from "../../scripts/demo/promotion/servers.ts";
import { writeAddresses } from "../../scripts/demo/promotion/settings.ts";
import { findPlaces } from "../../src/cli/places.ts";
import { git, gitServerMissing } from "../support/git-http-server.ts";
import { moduleProcess } from "../support/module-process/module-process.ts";

const missing = gitServerMissing();

test.skipIf(missing !== undefined)(
  `the shop's staging is deployed by the module's class alone, with nothing that a Dagger function could not reach${missing === undefined ? "" : ` (${missing})`}`,
  async () => {
    const directory = await mkdtemp(join(tmpdir(), "fairway-shop-staging-"));
    try {
      await using servers = await startServers(join(directory, "servers"));
      const repository = join(directory, "shop");
      await copyCommittedFiles("examples/shop", repository);
      await writeAddresses(repository, servers);
      git(repository, "init", "--quiet", "--initial-branch=main");
      git(repository, "remote", "add", "origin", servers.git.url("shop"));
      await commitAll(repository, "The shop", {});
      const version = git(repository, "rev-parse", "--short=7", "HEAD");
      const secrets = join(directory, "secrets.env");
      await writeFile(secrets, servers.secrets("staging"));

      const { cache } = findPlaces(repository, process.env);
      await using module = await moduleProcess({ repository, secrets, cache: join(cache, "store") });
      const plan = await module.call("plan", '"staging"');
      expect(plan, plan.stderr).toMatchObject({ exitCode: 0 });
      expect(plan.stdout).toMatch(/built on stand-ins \(may run on this machine only\)\n +node:24-slim/);

      const live = await module.call("deploy", '"staging"');
      expect(live, live.stderr).toMatchObject({ exitCode: 0 });
      expect(live.stdout).toContain(`${version} is live in staging: staging-1`);
      const written = git(servers.manifests, "show", "main:shop/staging/kustomization.yaml");
      expect(written.match(/sha256:[0-9a-f]{64}/g)).toHaveLength(2);
      const events = git(join(servers.manifests, "../shop.git"), "log", "--format=%s", "refs/fairway/ledger");
      expect(events).toContain("deployment-succeeded");

      // Another call knows nothing of the first but what the remote has.
      const again = await module.call("deploy", '"staging"');
      expect(again.stdout).toContain("Nothing to do");
      const status = await module.call("status", '"staging"');
      expect(status.stdout).toMatch(new RegExp(`staging +${version} on main is live: staging-1.* by dagger`));
      const record = await module.call("record", '"staging-1"', '"json"');
      expect(JSON.parse(record.stdout)).toMatchObject({ predicate: { outcome: "succeeded" } });

      // What only a host has is refused by name, with the exit code of the refusal.
      const local = await module.call("deploy", '"local"');
      expect(local).toMatchObject({ exitCode: 2 });
      expect(local.stderr).toContain("NEEDS_A_HOST");
      expect([plan, live, status, record].map(({ stdout, stderr }) => stdout + stderr).join()).not.toContain(
        "the-token-of",
      );
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  },
);
