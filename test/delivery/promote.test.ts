import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { loadConfig } from "../../src/config/config.ts";
import { promotionOf } from "../../src/delivery/promote.ts";
import { openSqliteLedger } from "../../src/providers/ledgers/sqlite.ts";
import { release } from "../../src/release/release.ts";
import { failureOf } from "../support/failure-of.ts";
import { fakeDelivery } from "../support/fake-delivery.ts";
import { fakeTarget } from "../support/fake-target.ts";
import { releaseContext } from "../support/release-context.ts";
import { releaseOf } from "../support/releases.ts";
import { virtualClock } from "../support/virtual-clock.ts";

const services = "name: shop\nservices:\n  web: { dockerfile: Dockerfile, port: 3000, ready: /ready }\n";
const older = `${services}environments:\n  local: { target: local }\n`;
const newer = `${older}  production: { target: local, after: local }\n`;

it("a promotion to an environment that its commit does not know says whose fairway.yaml that is", async () => {
  const directory = await mkdtemp(join(tmpdir(), "fairway-promote-"));
  const clock = virtualClock();
  const ledger = await openSqliteLedger(join(directory, "ledger.db"), clock);
  const target = fakeTarget();
  const facts = { migrations: [], smoke: [], tags: [], standIns: [], after: null };
  await release(
    { release: releaseOf("4f2a9c1", ["web"]), ...facts },
    releaseContext({ ledger, target, clock }),
  );

  const source = { exists: async () => false, sync: async () => source };
  const step = { withExec: () => step, directory: () => source, withMountedDirectory: () => step };
  const here = {
    ...fakeDelivery({ ledger, target, clock, config: newer }),
    ...{ input: {}, git: async () => step },
    facts: async () => ({ commit: "b".repeat(40), dirty: false }),
    definition: { file: "fairway.yaml", checks: [], config: async () => loadConfig(older, "fairway.yaml") },
  } as unknown as Parameters<typeof promotionOf>[0];
  const error = await failureOf(promotionOf(here, "local", "production"));
  expect(error).toMatchObject({
    code: "PROMOTION_UNKNOWN",
    exitCode: 2,
    place: "fairway.yaml@4f2a9c1 environments",
  });
  expect(error.message).toBe(
    "4f2a9c1, which is promoted, has no environment production: what counts is its own fairway.yaml, " +
      "not the one that is checked out",
  );
  await ledger.close();
  await rm(directory, { recursive: true });
});
