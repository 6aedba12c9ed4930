import { problemsOf, valueAt } from "./issues.ts";
import type { Problem } from "./problems.ts";
import { rules } from "./rules/rules.ts";
import { type Config, configSchema } from "./schema.ts";

export interface Validation {
  /** The config; undefined when there is an error. */
  readonly config: Config | undefined;
  readonly problems: readonly Problem[];
}

/** Everything that is wrong with a value that should be a config: of its shape, and between its parts. */
export function validate(input: unknown): Validation {
  const parsed = configSchema.safeParse(input);
  if (parsed.success) {
    const problems = ruleProblems(parsed.data, input);
    return { config: problems.some(isError) ? undefined : parsed.data, problems };
  }
  const ofShape = problemsOf(parsed.error.issues, input);
  const sound = withoutFaults(input, ofShape);
  const ofRules = sound === undefined ? [] : ruleProblems(sound, input);
  return { config: undefined, problems: [...ofShape, ...ofRules] };
}

export function isError({ severity }: Problem): boolean {
  return severity === "error";
}

function ruleProblems(config: Config, input: unknown): Problem[] {
  const services = valueAt(input, ["services"]);
  const names = { services: services !== null && typeof services === "object" ? Object.keys(services) : [] };
  return Object.values(rules).flatMap((rule) => rule(config, names));
}

/** The part of an input that is sound, so that the rules can be tried on it too. */
function withoutFaults(input: unknown, faults: readonly Problem[]): Config | undefined {
  let rest: unknown = { name: "unnamed", ...(structuredClone(input) as object) };
  let pending = faults;
  for (let round = 0; round < 20; round++) {
    for (const { path } of pending) rest = without(rest, path);
    const parsed = configSchema.safeParse(rest);
    if (parsed.success) return parsed.data;
    pending = problemsOf(parsed.error.issues, rest);
  }
  return undefined;
}

/** Removes the value at a path; where there is none (it is missing), the map that lacks it. */
function without(input: unknown, path: readonly (string | number)[]): unknown {
  const key = path.at(-1);
  if (key === undefined) return { name: "unnamed" };
  const holder = valueAt(input, path.slice(0, -1));
  if (holder === null || typeof holder !== "object") return input;
  if (!(key in holder)) return without(input, path.slice(0, -1));
  if (path.length === 1 && key === "name") return { ...(input as object), name: "unnamed" };
  Reflect.deleteProperty(holder, key);
  return Array.isArray(holder)
    ? withList(
        input,
        path.slice(0, -1),
        holder.filter(() => true),
      )
    : input;
}

function withList(input: unknown, path: readonly (string | number)[], list: unknown[]): unknown {
  const key = path.at(-1);
  if (key === undefined) return input;
  (valueAt(input, path.slice(0, -1)) as Record<string | number, unknown>)[key] = list;
  return input;
}
