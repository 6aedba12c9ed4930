import { describe, expect, it } from "vitest";
import { crashMatrix } from "../../src/testing/testing.ts";
import { crashScenario, expectSameEnds, strategies } from "../support/simulation/crashes.ts";

// All strategies, with all that a plan can have, and two crashes in a row: test/slow/simulated-crashes.test.ts
describe("a deploy that is killed at any write to its journal", () => {
  it("and resumed ends as the one that nobody killed, and nothing is done twice", async () => {
    const matrix = await crashMatrix(
      crashScenario({
        environment: {
          strategy: strategies["blue-green"],
          smoke: [{ service: "api", path: "/" }],
          ...{ maintenance: "migrations", backup: {}, checklist: [{ name: "load", script: "load" }] },
        },
      }),
      "dying",
    );
    expect(matrix.uninterrupted["production"]).toBe(
      "v2 is live, v2 serves, nothing is left, migrated: 2_reviews, backups: production-2",
    );
    expect(matrix.before["production"]).toBe("v1 is live, v1 serves, nothing is left, migrated: , backups: ");
    expect(matrix.runs.length).toBeGreaterThan(30);
    expectSameEnds(matrix);
  });

  it("on its way back is resumed to what was live", async () => {
    const canary = { weights: [25, 100], holdSeconds: 60 };
    const limits = [{ errorRate: { maxIncreasePoints: 0.5 } }];
    const { uninterrupted, runs } = await crashMatrix(
      crashScenario({
        environment: { strategy: { canary: { ...canary, limits, analysis: { lookSeconds: 30 } } } },
        release: { errorPercent: 10 },
      }),
      "dying",
    );
    const back = /^v1 is live, v1 serves, nothing is left/;
    expect(uninterrupted["production"]).toMatch(back);
    expect(runs.length).toBeGreaterThan(10);
    const others = runs.filter(({ end }) => !back.test(end["production"] ?? ""));
    expect(others.map(({ moment, end }) => ({ moment, end }))).toEqual([]);
  });
});
