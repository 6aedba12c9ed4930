import { expect } from "vitest";
import type { CrashMatrix, Scenario } from "../../../src/testing/testing.ts";

type Environment = Scenario["environments"][string];

const limits = [{ errorRate: { maxIncreasePoints: 0.5 } }];
export const strategies: Readonly<Record<string, NonNullable<Environment["strategy"]>>> = {
  rolling: "rolling",
  "rolling in batches": { rolling: { maxSurge: 1, maxUnavailable: 1 } },
  "blue-green": { blueGreen: { bakeSeconds: 60 } },
  canary: { canary: { weights: [5, 25, 50, 100], holdSeconds: 120, limits, analysis: { lookSeconds: 30 } } },
};

/** A deploy of v2 over v1, called `dying`; an hour later somebody goes on with what is left of it, if anything. */
export function crashScenario({
  environment,
  services = { api: { replicas: 2 } },
  release = {},
}: {
  readonly environment: Environment;
  readonly services?: Scenario["services"];
  readonly release?: Scenario["releases"][string];
}): Scenario {
  const approve = (version: string, at: string) =>
    environment.approvals === undefined ? [] : [{ at, approve: version, by: "grace", hours: 48 }];
  return {
    name: "a crash at any time",
    start: "2026-03-02T09:00:00Z",
    services,
    environments: { production: environment },
    releases: { v1: {}, v2: { migrations: ["2_reviews"], ...release } },
    visitors: { perSecond: 300 },
    events: [
      ...approve("v1", "+0s"),
      { at: "+1s", deploy: "v1" },
      ...approve("v2", "+59m"),
      { at: "+1h", deploy: "v2", by: "ada", name: "dying" },
      { at: "+2h", resume: "go-on", by: "grace" },
      { at: "+3h", resume: "go-on", by: "grace" },
    ],
    expect: [{ neverTwice: "all" }],
  };
}

/** Every run ends as the one that nobody interrupted, or where nothing was begun as it was; and nothing was done twice. */
export function expectSameEnds({ uninterrupted, before, runs }: CrashMatrix): void {
  const others = runs.filter(
    ({ end, begun }) => end["production"] !== (begun ? uninterrupted : before)["production"],
  );
  expect(others.map(({ moment, end }) => ({ moment, end }))).toEqual([]);
  const broken = runs.filter(({ simulation }) => !simulation.holds);
  expect(broken.map(({ moment, simulation }) => ({ moment, said: simulation.expectations }))).toEqual([]);
}
