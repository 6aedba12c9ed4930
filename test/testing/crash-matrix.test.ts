import { describe, expect, it } from "vitest";
import { crashMatrix, type Scenario } from "../../src/testing/testing.ts";

const limits = [{ errorRate: { maxIncreasePoints: 0.5 } }];
const strategies: Record<string, NonNullable<Scenario["environments"][string]["strategy"]>> = {
  rolling: "rolling",
  "blue-green": { blueGreen: { bakeSeconds: 60 } },
  canary: { canary: { weights: [5, 25, 50, 100], holdSeconds: 120, limits, analysis: { lookSeconds: 30 } } },
};

const scenario = (strategy: string, release: Scenario["releases"][string] = {}): Scenario => ({
  name: `a crash at any time, ${strategy}`,
  start: "2026-03-02T09:00:00Z",
  services: { api: { replicas: 2 }, web: { replicas: 1, needs: ["api"] } },
  environments: {
    production: {
      strategy: strategies[strategy],
      smoke: [{ service: "web", path: "/" }],
    },
  },
  releases: { v1: {}, v2: { migrations: ["2_reviews"], ...release } },
  visitors: { perSecond: 300 },
  events: [
    { deploy: "v1" },
    { at: "+1h", deploy: "v2", by: "ada", name: "dying" },
    { at: "+2h", resume: "go-on", by: "grace" },
  ],
  expect: [{ neverTwice: "all" }],
});

describe.each(Object.keys(strategies))(
  "a %s deploy that is killed at any write to its journal",
  (strategy) => {
    it("and resumed ends as the one that nobody killed, and nothing is done twice", async () => {
      const { uninterrupted, before, runs } = await crashMatrix(scenario(strategy), "dying");
      expect(uninterrupted["production"]).toBe("v2 is live, v2 serves, nothing is left, migrated: 2_reviews");
      expect(before["production"]).toBe("v1 is live, v1 serves, nothing is left, migrated: ");
      expect(runs.length).toBeGreaterThan(16);
      const others = runs.filter(
        ({ end, begun }) => end["production"] !== (begun ? uninterrupted : before)["production"],
      );
      expect(others.map(({ moment, end }) => ({ moment, end }))).toEqual([]);
      const broken = runs.filter(({ simulation }) => !simulation.holds);
      expect(broken.map(({ moment, simulation }) => ({ moment, said: simulation.expectations }))).toEqual([]);
    });

    it("on its way back is resumed to what was live", async () => {
      // Both sides answer their smoke tests with a failure: all of it has to go.
      const failing = scenario(strategy, { failsSmoke: true });
      const { uninterrupted, runs } = await crashMatrix(failing, "dying");
      expect(uninterrupted["production"]).toContain("v1 is live, v1 serves, nothing is left");
      const others = runs.filter(
        ({ end }) => !end["production"]?.startsWith("v1 is live, v1 serves, nothing is left"),
      );
      expect(others.map(({ moment, end }) => ({ moment, end }))).toEqual([]);
    });
  },
);
