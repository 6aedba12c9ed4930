import { knownNames, problem, type Problem } from "../../config/config.ts";
import { mappingOf } from "./configs.ts";
import type { CommandEvent, ScenarioEvent } from "./events.ts";
import type { Expectation } from "./expectations.ts";

interface Parts {
  readonly environments: Readonly<Record<string, unknown>>;
  readonly releases: Readonly<Record<string, unknown>>;
  /** Null for one whose shape is wrong. */
  readonly events: readonly (ScenarioEvent | null)[];
  readonly expect: readonly (Expectation | null)[];
}

/** What no schema can say: that names are those of something, and that it is known which environment is meant. */
export function scenarioProblems(scenario: Parts): Problem[] {
  const names = namesOf(scenario.events);
  return [
    ...scenario.events.flatMap((event, index) =>
      event === null ? [] : eventProblems(event, ["events", index], scenario),
    ),
    ...Object.entries(scenario.releases).flatMap(([version, release]) =>
      Object.keys(mappingOf(mappingOf(release)["environments"])).flatMap((name) =>
        unknown("environment", name, ["releases", version, "environments", name], scenario.environments),
      ),
    ),
    ...twice(names).map(([index, name]) =>
      problem(["events", index, "name"], `there is another event ${name}`),
    ),
    ...scenario.expect.flatMap((one, index) =>
      one === null ? [] : expectationProblems(one, ["expect", index], { ...scenario, names }),
    ),
  ];
}

/** By the event's place; null for those that start no process. */
export function namesOf(events: readonly (ScenarioEvent | null)[]): readonly (string | null)[] {
  const counts = new Map<string, number>();
  return events.map((event) => {
    const verb = event === null ? null : verbOf(event);
    if (event === null || verb === null) return null;
    const count = (counts.get(verb) ?? 0) + 1;
    counts.set(verb, count);
    return ("name" in event ? event.name : undefined) ?? `${verb}-${String(count)}`;
  });
}

/** Null for what starts no process that ends somehow. */
export function verbOf(event: ScenarioEvent): (typeof verbs)[number] | null {
  return verbs.find((verb) => verb in event) ?? null;
}

const verbs = ["deploy", "promote", "rollback", "restore", "resume", "abort", "maintenance"] as const;

export function isCommand(event: ScenarioEvent): event is CommandEvent {
  return verbOf(event) !== null;
}

type Place = readonly [string, number];

function eventProblems(event: ScenarioEvent, place: Place, { environments, releases }: Parts): Problem[] {
  const found: Problem[] = [];
  for (const key of ["deploy", "approve", "reject"] as const) {
    const named = (event as Readonly<Record<string, unknown>>)[key];
    if (typeof named === "string") found.push(...unknown("release", named, [...place, key], releases));
  }
  if ("promote" in event) {
    found.push(...unknown("environment", event.promote, [...place, "promote"], environments));
  } else if ("by" in event || "in" in event) {
    found.push(...environmentProblems(event.in, place, environments));
  }
  return found;
}

function expectationProblems(
  one: Expectation,
  place: Place,
  { environments, releases, events, names }: Parts & { readonly names: readonly (string | null)[] },
): Problem[] {
  if ("outcome" in one) {
    // What is not readable may be the one that is meant.
    if (events.includes(null)) return [];
    const known = names.filter((name) => name !== null);
    return known.includes(one.of)
      ? []
      : [problem([...place, "of"], `there is no command ${one.of}; ${knownNames(one.of, known)}`)];
  }
  const found = environmentProblems(one.in, place, environments);
  if ("weightAtMost" in one) found.push(...unknown("release", one.of, [...place, "of"], releases));
  for (const key of ["live", "serves"] as const) {
    const named = (one as Readonly<Record<string, unknown>>)[key];
    if (typeof named === "string" && named !== "nothing") {
      found.push(...unknown("release", named, [...place, key], releases));
    }
  }
  return found;
}

function environmentProblems(
  named: string | undefined,
  place: Place,
  environments: Readonly<Record<string, unknown>>,
): Problem[] {
  if (named !== undefined) return unknown("environment", named, [...place, "in"], environments);
  const known = Object.keys(environments);
  return known.length === 1
    ? []
    : [problem([...place], `must say in which environment: in: ${known.join(", or ")}`)];
}

function unknown(
  what: string,
  name: string,
  path: readonly (string | number)[],
  known: Readonly<Record<string, unknown>>,
): Problem[] {
  if (Object.hasOwn(known, name)) return [];
  return [problem(path, `there is no ${what} ${name}; ${knownNames(name, Object.keys(known))}`)];
}

function twice(names: readonly (string | null)[]): [number, string][] {
  return names.flatMap((name, index): [number, string][] =>
    name !== null && names.indexOf(name) < index ? [[index, name]] : [],
  );
}
