import { expect, it } from "vitest";
import { validateConfig } from "../../../src/config/config.ts";
import { isFairwayError } from "../../../src/model/errors.ts";

function outputOf(limits: readonly unknown[]): string {
  const service = (port: number) => ({ dockerfile: "Dockerfile", port, ready: "/ready" });
  const config = {
    name: "shop",
    services: { api: service(3000), web: service(3001) },
    environments: { local: { target: "local", strategy: { canary: { limits } } } },
  };
  try {
    validateConfig(config, "fairway.yaml");
    return "";
  } catch (error) {
    if (isFairwayError(error)) return `${error.message}\n${error.output ?? ""}`;
    throw error;
  }
}

it("every service is judged by a limit: what none judges would get all visitors because another is good", () => {
  const ofApi = { errorRate: { maxIncreasePoints: 1, services: ["api"] } };
  const ofAll = { latency: { maxMilliseconds: 500 } };
  expect(outputOf([ofApi])).toContain(
    "no limit judges web: a limit without `services` judges all that change",
  );
  expect(outputOf([ofApi, ofAll])).toBe("");
  expect(outputOf([ofApi, { latency: { maxMilliseconds: 500, services: ["web"] } }])).toBe("");
});
