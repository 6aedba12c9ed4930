import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { loadScenario, scenarioJsonSchema } from "../../src/testing/testing.ts";
import { failureOf } from "../support/failure-of.ts";

const whole = `name: one deploy
start: 2026-03-02T09:00:00Z
environments: { production: {} }
releases: { v1: {} }
events: [{ deploy: v1 }]
expect: [{ live: v1 }]
`;

const faultsOf = (text: string) => failureOf((async () => loadScenario(text, "scenario.yaml"))());

it("is published as the committed scenario.schema.json (otherwise run: node scripts/schema.ts)", () => {
  const committed = readFileSync(new URL("../../scenario.schema.json", import.meta.url), "utf8");
  expect(JSON.parse(committed)).toEqual(scenarioJsonSchema());
});

it("tells every fault of its shape at once, each with its line", async () => {
  const error = await faultsOf(
    whole
      .replace("2026-03-02T09:00:00Z", "yesterday")
      .replace("{ deploy: v1 }", "{ deploy: v1, crash: { operation: 0, moment: before-end } }")
      .replace("{ v1: {} }", "{ v1: { errorPercent: 200 } }")
      .replace("live: v1", "live: v3"),
  );
  expect(error).toMatchObject({ code: "SCENARIO_INVALID", exitCode: 2 });
  expect(error.output?.split("\n")).toEqual([
    expect.stringMatching(/^scenario.yaml:2:8 start: must be a time such as/),
    "scenario.yaml:4:33 releases.v1.errorPercent: must be at most 100",
    expect.stringMatching(/^scenario.yaml:5:\d+ events\[0\].crash.operation: must be at least 1/),
    expect.stringMatching(/^scenario.yaml:6:\d+ expect\[0\].live: there is no release v3/),
  ]);
});

it("tells every name of nothing at once, and where it is not known which environment is meant", async () => {
  const error = await faultsOf(
    whole
      .replace("{ production: {} }", "{ staging: {}, production: { after: stageing } }")
      .replace("{ deploy: v1 }", "{ deploy: v2, in: staging }, { resume: go-on }")
      .replace("{ live: v1 }", "{ of: deploy-2, outcome: held }"),
  );
  expect(error.output?.split("\n")).toEqual([
    expect.stringMatching(/production.after: there is no environment stageing; did you mean staging/),
    expect.stringMatching(/^scenario.yaml:5:\d+ events\[0\].deploy: there is no release v2; did you mean v1/),
    expect.stringMatching(/events\[1\]: must say in which environment: in: staging, or production/),
    expect.stringMatching(/expect\[0\].of: there is no command deploy-2; did you mean deploy-1/),
  ]);
});

it("holds what a release brings against the rules of a pipeline, and says where it stands", async () => {
  const error = await faultsOf(
    whole
      .replace("{ production: {} }", "{ production: { backup: { script: db:backup } } }")
      .replace(
        "{ v1: {} }",
        "{ v1: { environments: { production: { soakMinutes: 60, windows: [never] }, staging: {} } } }",
      ),
  );
  expect(error.output?.split("\n")).toEqual([
    expect.stringMatching(/^scenario.yaml:3:\d+ environments.production.backup: needs `restore`/),
    expect.stringMatching(
      /^scenario.yaml:4:\d+ releases.v1.environments.production.soakMinutes: needs `after`/,
    ),
    expect.stringMatching(/^scenario.yaml:4:\d+ releases.v1.environments.production.windows/),
    expect.stringMatching(/^scenario.yaml:4:\d+ releases.v1.environments.staging: there is no environment/),
  ]);
});

it("takes what expects nothing for a mistake", async () => {
  const error = await faultsOf(whole.replace("[{ live: v1 }]", "[]"));
  expect(error).toMatchObject({ code: "SCENARIO_INVALID", place: "scenario.yaml:6:9 expect" });
});

it("has every source that a limit names: releases say what it answers", () => {
  const limits =
    "[{ value: { name: orders, better: higher, maxWorsePercent: 5, source: shop } }, { errorRate: { maxPercent: 1, source: shop } }]";
  const text = whole.replace(
    "{ production: {} }",
    `{ production: { strategy: { canary: { limits: ${limits} } } } }`,
  );
  const { config } = loadScenario(text, "scenario.yaml");
  expect(Object.keys(config.environments["production"]?.metrics ?? {})).toEqual(["shop"]);
});

it("has a page that names every key of it", () => {
  const page = readFileSync(new URL("../../docs/simulate.md", import.meta.url), "utf8");
  const { properties } = scenarioJsonSchema() as unknown as Shape;
  const named = Object.entries(properties ?? {}).flatMap(([key, shape]) => [key, ...keysOf(shape)]);
  expect(named.length).toBeGreaterThan(60);
  const words = new Set(page.match(/[$\w]+/g));
  expect([...new Set(named)].filter((key) => key !== "$schema" && !words.has(key))).toEqual([]);
});

interface Shape {
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly additionalProperties?: Shape | boolean;
  readonly anyOf?: readonly Shape[];
  readonly items?: Shape;
  readonly description?: string;
}

/** Names of all keys in it; of an environment only those on top, which fairway.yaml explains. */
function keysOf({
  properties = {},
  additionalProperties,
  anyOf = [],
  items,
  description = "",
}: Shape): string[] {
  const own = Object.keys(properties);
  if (/^(An environment|Each key stands)/.test(description)) return own;
  const inside = [...Object.values(properties), ...anyOf, ...(items === undefined ? [] : [items])];
  const values = typeof additionalProperties === "object" ? [additionalProperties] : [];
  return [...own, ...[...inside, ...values].flatMap(keysOf)];
}
