import { describe, expect, it } from "vitest";
import { validateConfig } from "../../../src/config/config.ts";
import { isFairwayError } from "../../../src/model/errors.ts";

/** All that is said of a strategy; nothing where it is good. */
function saysOf(strategy: unknown): string {
  const service = (port: number) => ({ dockerfile: "Dockerfile", port, ready: "/ready" });
  const config = {
    name: "shop",
    services: { api: service(3000), web: service(3001) },
    environments: { local: { target: "local", strategy } },
  };
  try {
    validateConfig(config, "fairway.yaml");
    return "";
  } catch (error) {
    if (isFairwayError(error)) return `${error.place ?? ""} ${error.message}\n${error.output ?? ""}`;
    throw error;
  }
}

const outputOf = (limits: readonly unknown[]) => saysOf({ canary: { limits } });

it("every service is judged by a limit: what none judges would get all visitors because another is good", () => {
  const ofApi = { errorRate: { maxIncreasePoints: 1, services: ["api"] } };
  const ofAll = { latency: { maxMilliseconds: 500 } };
  expect(outputOf([ofApi])).toContain(
    "no limit judges web: a limit without `services` judges all that change",
  );
  expect(outputOf([ofApi, ofAll])).toBe("");
  expect(outputOf([ofApi, { latency: { maxMilliseconds: 500, services: ["web"] } }])).toBe("");
});

describe("mistakes of several kinds at once", () => {
  it.each([
    [
      { canary: { weights: [0, 100], holdSeconds: "10m", limit: [] } },
      [
        "strategy.canary.weights[0]: must be more than 0",
        "strategy.canary.holdSeconds: must be a",
        "strategy.canary.limit: unknown key; did you mean limits?",
        "strategy.canary.limits: is missing",
      ],
    ],
    [
      { blueGreen: { bakeSeconds: "10s", bakeMinutes: 3 } },
      ["strategy.blueGreen.bakeSeconds: must be a", "strategy.blueGreen.bakeMinutes: unknown key"],
    ],
    [{ blueGreen: {}, canary: {} }, ["cannot stand beside"]],
    [{ cannary: { limits: [] } }, ["strategy.cannary", "unknown key; did you mean canary?"]],
    [
      { canary: { limits: [{ errorate: { maxPercent: 1 } }] } },
      ["limits[0].errorate", "unknown key; did you mean errorRate?"],
    ],
  ])("are each told where they are, of the strategy that was meant: %j", (given, expected) => {
    const said = saysOf(given);
    for (const text of expected) expect(said).toContain(text);
    expect(said).not.toContain("rolling: is missing");
    expect(said).not.toContain("errorRate: is missing");
    expect(said).not.toMatch(/unknown key; did you mean (\w+)\? \(known: \1\)/);
  });
});
