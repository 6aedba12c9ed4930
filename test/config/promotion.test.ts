import { expect, test } from "vitest";
import { registryOf, validateConfig, type ConfigInput } from "../../src/config/config.ts";
import type { FairwayError } from "../../src/model/errors.ts";

const withEnvironments = (environments: Record<string, Record<string, unknown>>) =>
  ({
    name: "shop",
    services: { api: { dockerfile: "Dockerfile", port: 3000, ready: "/ready" } },
    environments: Object.fromEntries(
      Object.entries(environments).map(([name, fields]) => [name, { target: "local", ...fields }]),
    ),
  }) as ConfigInput;

function refusal(environments: Record<string, Record<string, unknown>>): string {
  try {
    validateConfig(withEnvironments(environments), "test");
  } catch (error) {
    const { place, message, output } = error as FairwayError;
    return output ?? `${place ?? ""} ${message}`;
  }
  throw new Error("it was accepted");
}

test("a release goes from one environment to the next", () => {
  const config = validateConfig(
    withEnvironments({ staging: {}, production: { after: "staging", soakMinutes: 60 } }),
    "test",
  );
  expect(config.environments["production"]).toMatchObject({ after: "staging", soakMinutes: 60 });
});

test("an environment comes after one that there is, and not after itself", () => {
  expect(refusal({ staging: {}, production: { after: "stagin" } })).toContain("staging");
  expect(refusal({ staging: { after: "staging" } })).toContain("cannot come after itself");
});

test("a circle of environments is told once, with all of it", () => {
  const text = refusal({ a: { after: "c" }, b: { after: "a" }, c: { after: "b" } });
  expect(text).toContain("a circle: a after c after b after a");
  expect(text.match(/circle/g)).toHaveLength(1);
});

test("a soak time without an environment to soak in is an error", () => {
  expect(refusal({ production: { soakMinutes: 5 } })).toContain("needs `after`");
});

test("an emergency that nobody has to approve is doubted aloud", () => {
  const warnings: string[] = [];
  validateConfig(
    withEnvironments({ production: { approvals: { required: 1 }, emergency: { skips: ["approvals"] } } }),
    "test",
    { onWarning: (text) => warnings.push(text) },
  );
  expect(warnings.join()).toContain("anybody who can deploy passes by the approvals");
});

test("what is promoted is in the registry that both environments have", () => {
  expect(
    refusal({ staging: {}, production: { after: "staging", registry: { url: "registry.example/shop" } } }),
  ).toContain("the very images of staging come here: both must have the same registry");
  const both = { registry: { url: "registry.example/shop" } };
  validateConfig(withEnvironments({ staging: both, production: { after: "staging", ...both } }), "test");
});

test("an environment may have a registry of its own, and has the pipeline's where it says nothing", () => {
  const config = validateConfig(
    {
      ...withEnvironments({ local: { registry: "loopback" }, staging: {} }),
      registry: { url: "registry.example/shop" },
    },
    "test",
  );
  expect(registryOf(config, "local")).toBe("loopback");
  expect(registryOf(config, "staging")).toEqual({ url: "registry.example/shop" });
  expect(registryOf(config, null)).toEqual({ url: "registry.example/shop" });
});
