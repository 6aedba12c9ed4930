import { expect, it } from "vitest";
import { loadConfig } from "../../src/config/config.ts";
import { promotionOf } from "../../src/delivery/promote.ts";
import { failureOf } from "../support/failure-of.ts";
import { fakeDelivery } from "../support/fake-delivery.ts";
import { candidateOf, releaseOf } from "../support/releases.ts";
import { simulation } from "../support/simulation/simulation.ts";

const services = "name: shop\nservices:\n  web: { dockerfile: Dockerfile, port: 3000, ready: /ready }\n";
const older = `${services}environments:\n  local: { target: local }\n`;
const newer = `${older}  production: { target: local, after: local }\n`;

it("a promotion to an environment that its commit does not know says whose fairway.yaml that is", async () => {
  const there = await simulation();
  await there.deploy(candidateOf("4f2a9c1", { release: releaseOf("4f2a9c1", ["web"]), smoke: [] }));

  const source = { exists: async () => false, sync: async () => source };
  const step = { withExec: () => step, directory: () => source, withMountedDirectory: () => step };
  const here = {
    ...fakeDelivery({ ...there, config: newer }),
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
  await there.ledger.close();
});
