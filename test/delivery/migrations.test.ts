import { expect, it } from "vitest";
import { reachOf } from "../../src/delivery/migrations.ts";
import type { PlannedMigration } from "../../src/model/plan.ts";

const data: PlannedMigration = { name: "2_data", phase: "unknown" };
const never = { environment: "local", hasServed: false, appliedMigrations: [] };
const serving = { environment: "staging", hasServed: true, appliedMigrations: [data] };

it("where no environment has ever served, there is no live code that a migration could break", () => {
  expect(reachOf([never], [])).toMatchObject({ firstDeploy: true, applied: [] });
});

it("a migration that one environment has is known by it; others are beside live code", () => {
  const reach = reachOf([never, serving], []);
  expect(reach).toMatchObject({ firstDeploy: false, applied: ["2_data"] });
  expect(reach.places.get("2_data")).toEqual(["staging"]);
});

it("an environment that could not be asked may serve, and so may one of none", () => {
  expect(reachOf([never], ["staging"]).firstDeploy).toBe(false);
  expect(reachOf([], []).firstDeploy).toBe(false);
});
