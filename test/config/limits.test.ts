import { expect, it } from "vitest";
import { serviceSettings, validateConfig } from "../../src/config/config.ts";
import { isFairwayError } from "../../src/model/errors.ts";

const target = {
  gitops: {
    repository: "https://git.example/shop/manifests",
    path: "production",
    kustomize: { images: { api: "shop-api" } },
    token: "TOKEN",
    health: "not observed",
  },
};

const config = (limits: unknown, environments: Record<string, unknown>) =>
  validateConfig(
    {
      name: "shop",
      services: {
        api: {
          ...{ dockerfile: "Dockerfile", port: 3000, ready: "/ready" },
          ...(limits === undefined ? {} : { limits }),
        },
      },
      environments,
    },
    "fairway.yaml",
  );

function refusalOf(limits: unknown, environments: Record<string, unknown>): string {
  try {
    config(limits, environments);
  } catch (error) {
    if (isFairwayError(error)) return `${error.place ?? ""} ${error.message}\n${error.output ?? ""}`;
    throw error;
  }
  throw new Error("it was accepted");
}

it("an environment changes the limits of a service one by one; where there are none, the settings have no such key", () => {
  const both = config(
    { cpus: 0.5, memoryMiB: 512 },
    {
      local: { target: "local" },
      small: { target: "local", services: { api: { limits: { memoryMiB: 128 } } } },
    },
  );
  expect(serviceSettings(both, "local", "api").limits).toEqual({ cpus: 0.5, memoryMiB: 512 });
  expect(serviceSettings(both, "small", "api").limits).toEqual({ cpus: 0.5, memoryMiB: 128 });
  const none = config(undefined, { local: { target: "local" } });
  expect(Object.keys(serviceSettings(none, "local", "api"))).not.toContain("limits");
});

it("limits that nobody would enforce are refused: they stand in the manifests", () => {
  const environments = {
    local: { target: "local", services: { api: { limits: { cpus: 1 } } } },
    production: { target },
  };
  expect(config(undefined, environments)).toBeDefined();
  expect(refusalOf({ cpus: 1 }, environments)).toMatch(
    /services\.api\.limits.*production takes limits from its manifests.*environments\.<name>\.services\.api\.limits/,
  );
  const own = { production: { target, services: { api: { limits: { memoryMiB: 512 } } } } };
  expect(refusalOf(undefined, own)).toMatch(/environments\.production\.services\.api\.limits/);
});

it("limits say something, and something possible", () => {
  const local = { local: { target: "local" } };
  expect(refusalOf({}, local)).toMatch(/must say cpus, memoryMiB or both/);
  expect(refusalOf({ cpus: 0 }, local)).toMatch(/limits\.cpus/);
  expect(refusalOf({ memoryMiB: 4 }, local)).toMatch(/limits\.memoryMiB/);
});
