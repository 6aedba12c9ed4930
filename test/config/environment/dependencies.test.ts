import { expect, it } from "vitest";
import { validateConfig } from "../../../src/config/config.ts";
import { outputOf } from "./output-of.ts";

const config = (dependencies: unknown, rest: Record<string, unknown> = {}) => ({
  name: "shop",
  services: { api: { dockerfile: "Dockerfile", port: 3000, ready: "/ready" } },
  environments: { staging: { target: "local", dependencies } },
  ...rest,
});

it("dependencies have their defaults", () => {
  const { environments } = validateConfig(
    config(
      [
        "database",
        { redis: "REDIS_URL" },
        { http: { url: "https://tax.example/health" } },
        { certificate: { host: "shop.example" } },
      ],
      { database: { prisma: { schema: "prisma/schema.prisma" } } },
    ),
    "fairway.yaml",
  );
  expect(environments["staging"]?.dependencies).toEqual([
    "database",
    { redis: "REDIS_URL" },
    { http: { url: "https://tax.example/health", status: 200, contains: null } },
    { certificate: { host: "shop.example", port: 443, minDays: 14 } },
  ]);
});

it("every dependency that cannot be asked is told, each at its place", () => {
  const output = outputOf(
    config([
      "database",
      { redis: "redis://cache" },
      { http: { url: "https://ada:word@tax.example" } },
      { certificate: { host: "https://shop.example" } },
      { kafka: "KAFKA_URL" },
    ]),
  );
  expect(output).toMatch(/dependencies\[0\].*database needs `database`/);
  expect(output).toMatch(/dependencies\[1\]\.redis.*name of an environment variable/);
  expect(output).toMatch(/dependencies\[2\]\.http\.url.*user name/);
  expect(output).toMatch(/dependencies\[3\]\.certificate\.host.*must be a host/);
  expect(output).toMatch(/dependencies\[4\]/);
});

it("a dependency that is listed twice is told", () => {
  expect(outputOf(config([{ redis: "CACHE" }, { redis: "CACHE" }]))).toMatch(/\[1\].*listed twice/);
});
