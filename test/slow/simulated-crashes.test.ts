import { describe, expect, it } from "vitest";
import { crashMatrix, simulate, type Scenario } from "../../src/testing/testing.ts";
import { crashScenario, expectSameEnds, strategies } from "../support/simulation/crashes.ts";

const services = {
  api: { replicas: 3 },
  worker: { replicas: 1 },
  web: { replicas: 2, needs: ["api"] },
};

const smoke = [{ service: "web", path: "/" }, { script: "test:e2e" }];

/** All that a plan can have beside the strategy's own steps. */
const environments: Readonly<Record<string, Scenario["environments"][string]>> = {
  plain: { smoke },
  "with a backup": { smoke, backup: { before: "every-deploy" } },
  "with a backup by script": { smoke, backup: { script: "db:backup", restore: "db:restore" } },
  "in maintenance": { smoke, maintenance: "always" },
  "with a checklist and approvals": {
    smoke,
    checklist: [
      { name: "load test", script: "test:load" },
      { name: "status page", confirm: "It announces the release." },
    ],
    approvals: { required: 1 },
  },
  "with all of it, and watched afterwards": {
    ...{ smoke, backup: {}, maintenance: "migrations" as const, approvals: { required: 1 } },
    checklist: [{ name: "load test", script: "test:load" }],
    afterRelease: { watchSeconds: 120 },
  },
};

const seconds = { "test:e2e": { seconds: 40 }, "test:load": { seconds: 90 }, "db:backup": { seconds: 60 } };
const cases = Object.keys(strategies).flatMap((strategy) =>
  Object.keys(environments).map((surroundings) => ({ strategy, surroundings })),
);

/** A canary without visitors cannot be judged: that is refused when it is read. */
function surrounded(strategy: string, surroundings: Scenario["environments"][string]) {
  const { maintenance = "never", ...others } = surroundings;
  const kept = strategy === "canary" ? {} : { maintenance };
  return { ...others, ...kept, strategy: strategies[strategy] };
}

describe.each(cases)(
  "a $strategy deploy, $surroundings, killed at any write",
  ({ strategy, surroundings }) => {
    const environment = surrounded(strategy, environments[surroundings] ?? {});

    it("and resumed ends as the one that nobody killed, and nothing is done twice", async () => {
      const matrix = await crashMatrix(
        crashScenario({ environment, services, release: { scripts: seconds } }),
        "dying",
      );
      expect(matrix.uninterrupted["production"]).toContain("v2 is live, v2 serves, nothing is left");
      expect(matrix.runs.length).toBeGreaterThan(20);
      expectSameEnds(matrix);
    });

    it("and on its way back ends with what was live", async () => {
      const failing = { "test:e2e": { verdict: "fail" as const } };
      const { uninterrupted, runs } = await crashMatrix(
        crashScenario({ environment, services, release: { failsSmoke: true, scripts: failing } }),
        "dying",
      );
      const back = /^v1 is live, v1 serves, nothing is left/;
      expect(uninterrupted["production"]).toMatch(back);
      const others = runs.filter(({ end }) => !back.test(end["production"] ?? ""));
      expect(others.map(({ moment, end }) => ({ moment, end }))).toEqual([]);
    });
  },
);

describe.each(Object.keys(strategies))("a %s deploy with a backup, in maintenance", (strategy) => {
  it("that is killed, and whose resume is killed too, ends as the one that nobody killed", async () => {
    const scenario = crashScenario({
      environment: surrounded(strategy, { backup: {}, maintenance: "migrations" }),
      services: { api: { replicas: 2 } },
    });
    const { uninterrupted } = await crashMatrix({ ...scenario, events: withoutResumes(scenario) }, "dying");
    const whole = await simulate(scenario);
    const writes = whole.events.filter(({ deployment }) => deployment === "production-2").length;
    // From the first that leaves something to be resumed.
    for (let write = 2; write <= writes - 1; write += 1) {
      const crash = { write, moment: write % 2 === 0 ? ("before" as const) : ("after" as const) };
      const once = scenario.events.map((event) =>
        "deploy" in event && event.name === "dying" ? { ...event, crash } : event,
      );
      const { runs, uninterrupted: resumed } = await crashMatrix({ ...scenario, events: once }, "resume-1");
      expect(resumed).toEqual(uninterrupted);
      const others = runs.filter(({ end }) => end["production"] !== uninterrupted["production"]);
      expect(others.map(({ moment, end }) => ({ crash, moment, end }))).toEqual([]);
      expect(runs.filter(({ simulation }) => !simulation.holds)).toEqual([]);
    }
  });
});

it("a restore that is killed at any write, and resumed, ends as the one that nobody killed", async () => {
  const scenario = crashScenario({
    environment: { backup: {}, maintenance: "migrations" },
    services,
  });
  const matrix = await crashMatrix(
    {
      ...scenario,
      events: [
        ...withoutResumes(scenario).map((event) =>
          "deploy" in event ? { ...event, name: undefined } : event,
        ),
        { at: "+2h", restore: "newest", name: "dying" },
        { at: "+3h", resume: "go-on", by: "grace" },
      ],
    },
    "dying",
  );
  expect(matrix.uninterrupted["production"]).toBe(
    "v1 is live, v1 serves, nothing is left, migrated: , backups: production-2, production-3",
  );
  expectSameEnds(matrix);
});

function withoutResumes({ events }: Scenario): Scenario["events"] {
  return events.filter((event) => !("resume" in event));
}
