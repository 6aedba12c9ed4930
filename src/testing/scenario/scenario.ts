import { z } from "zod";
import {
  checkedValue,
  label,
  loadDocument,
  pathText,
  problemsOf,
  replicas,
  timeZone,
  type Config,
  type Problem,
} from "../../config/config.ts";
import { configsOf, mappingOf } from "./configs.ts";
import { environment } from "./environment.ts";
import { event } from "./events.ts";
import { expectation } from "./expectations.ts";
import { release } from "./releases.ts";
import { scenarioProblems } from "./rules.ts";
import { moment } from "./times.ts";

const service = z.strictObject({
  replicas: replicas.default(2),
  needs: z.array(label).default([]).describe("Services that must be ready before this one starts."),
});

const visitors = z
  .strictObject({
    perSecond: z.number().min(0).max(100_000).default(50).describe("Requests a second, of each service."),
    byHour: z
      .record(
        z.string().regex(/^([01]?\d|2[0-3])$/, "must be an hour from 0 to 23"),
        z.number().min(0).max(100_000),
      )
      .default({})
      .describe("From this hour of the day on, by the clocks of `zone`: `{ 0: 5, 8: 80, 20: 20 }`."),
  })
  .prefault({});

const seconds = z.number().min(0).max(86_400);

const database = z
  .strictObject({
    migrateSeconds: seconds.default(5).describe("How long the migrations of a release take, all together."),
    backupSeconds: seconds.default(20).describe("How long a backup takes."),
    restoreSeconds: seconds.default(60).describe("How long it takes to bring a backup back."),
  })
  .prefault({})
  .describe("The database of each environment: it has migrations, and nothing else.");

/** The shape of scenario.yaml and of `simulate()`. */
export const scenarioSchema = z
  .strictObject({
    $schema: z.string().optional(),
    name: z.string().min(1).max(200).describe("What happens, for people."),
    start: moment.describe(
      "When it begins: `2026-12-07T09:00:00Z`, or `2026-12-07T09:00` by the clocks of `zone`.",
    ),
    zone: timeZone.default("UTC").describe("By whose clocks times without an offset are meant, and told."),
    seed: z.int().min(0).default(1).describe("The same seed gives the same visitors."),
    services: z
      .record(label, service)
      .default({ api: { replicas: 2, needs: [] } })
      .describe("What is deployed, by name."),
    environments: z
      .record(label, environment)
      .describe("Where it goes, by name; what stands there is what stands in fairway.yaml."),
    releases: z.record(
      z.string().regex(/^[A-Za-z0-9][\w.-]*$/, "must be letters, digits, dots and hyphens"),
      release,
    ),
    people: z
      .record(z.string().min(1), z.strictObject({ email: z.email() }))
      .default({})
      .describe("Those with another address than `<name>@example.com`."),
    visitors,
    database,
    events: z.array(event).min(1),
    expect: z.array(expectation).min(1, "needs one at least: what expects nothing cannot fail"),
  })
  .describe("What people do, what breaks, and what is expected of it; for `fairway simulate`.");

/** A scenario as people write it. */
export type Scenario = z.input<typeof scenarioSchema>;
/** With all its defaults. */
export interface CheckedScenario extends Omit<z.output<typeof scenarioSchema>, "environments"> {
  /** Services and environments, as a pipeline has them. */
  readonly config: Config;
  /** By version: those of the releases that bring something else. */
  readonly brought: ReadonlyMap<string, Config>;
}

/**
 * Reads the text of a scenario.yaml.
 * @param file how it is called in messages
 * @throws one FairwayError (SCENARIO_INVALID, exit 2) with every error and its place
 */
export function loadScenario(text: string, file: string): CheckedScenario {
  return loadDocument(text, file, checked, { code: "SCENARIO_INVALID" });
}

/** @throws one FairwayError (SCENARIO_INVALID, exit 2) with every error and its path */
export function checkScenario(scenario: Scenario): CheckedScenario {
  return checkedValue(checked(scenario), "scenario", { code: "SCENARIO_INVALID" });
}

/** The JSON schema of scenario.yaml (draft 2020-12), for editors; committed as scenario.schema.json. */
export function scenarioJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(scenarioSchema, { io: "input", target: "draft-2020-12" });
  return { ...schema, title: "scenario.yaml" };
}

function checked(input: unknown): { value: CheckedScenario | undefined; problems: readonly Problem[] } {
  const parsed = scenarioSchema.safeParse(input);
  const ofShape = parsed.success ? [] : problemsOf(parsed.error.issues, input, scenarioSchema);
  const parts = soundParts(input);
  const { config, brought, problems: ofConfig } = configsOf(parts);
  const told = new Set(ofShape.map(({ path }) => pathText(path)));
  const others = [...ofConfig, ...scenarioProblems(parts)].filter(({ path }) => !told.has(pathText(path)));
  const problems = [...ofShape, ...others];
  const isSound =
    parsed.success && config !== undefined && !problems.some(({ severity }) => severity === "error");
  return { value: isSound ? { ...parsed.data, config, brought } : undefined, problems };
}

/** What of it can be read, so that names are looked up also where something else is wrong. */
function soundParts(input: unknown) {
  const { environments, services, releases, events, expect } = mappingOf(input);
  const read = <T>(list: unknown, schema: z.ZodType<T>): (T | null)[] =>
    (Array.isArray(list) ? list : []).map((one) => schema.safeParse(one).data ?? null);
  return {
    environments: mappingOf(environments),
    services: services === undefined ? { api: {} } : mappingOf(services),
    releases: mappingOf(releases),
    events: read(events, event),
    expect: read(expect, expectation),
  };
}
