import { problemsOf, valueAt } from "./issues.ts";
import { isError, type Path, type Problem } from "./problems.ts";
import type { OwnCheck } from "./rules/rule.ts";
import { rules } from "./rules/rules.ts";
import { type Config, configSchema } from "./schema.ts";

export interface Validation {
  /** The config; undefined when there is an error. */
  readonly config: Config | undefined;
  /** As much of it as can be read, with something harmless for what is wrong: for looking at the rest of it. */
  readonly sound: Config | undefined;
  readonly problems: readonly Problem[];
}

/**
 * Everything that is wrong with a value that should be a config: of its shape, and between its parts.
 * @param ownChecks checks that are functions, which the config's may need
 */
export function validate(input: unknown, ownChecks: readonly OwnCheck[] = []): Validation {
  const parsed = configSchema.safeParse(input);
  if (parsed.success) {
    const problems = ruleProblems(parsed.data, input, ownChecks);
    return { config: problems.some(isError) ? undefined : parsed.data, sound: parsed.data, problems };
  }
  const ofShape = problemsOf(parsed.error.issues, input, configSchema);
  const sound = withoutFaults(input, ofShape);
  const ofRules = sound === undefined ? [] : ruleProblems(sound, input, ownChecks);
  return { config: undefined, sound, problems: [...ofShape, ...ofRules] };
}

function ruleProblems(config: Config, input: unknown, ownChecks: readonly OwnCheck[]): Problem[] {
  const services = valueAt(input, ["services"]);
  const names = {
    services: services !== null && typeof services === "object" ? Object.keys(services) : [],
    ownChecks,
  };
  return Object.values(rules).flatMap((rule) => rule(config, names));
}

/** An input with its faults mended or cut out, so that the rules can be tried on all the rest of it. */
function withoutFaults(input: unknown, faults: readonly Problem[]): Config | undefined {
  const rest: unknown = structuredClone(input);
  if (rest === null || typeof rest !== "object" || Array.isArray(rest)) return undefined;
  let pending = faults;
  for (let round = 0; round < 20; round++) {
    // From the end, so that the places of a list's elements stay what they are.
    for (const { path } of [...pending].reverse()) mend(rest, path);
    const parsed = configSchema.safeParse(rest);
    if (parsed.success) return parsed.data;
    pending = problemsOf(parsed.error.issues, rest, configSchema);
  }
  return undefined;
}

/** What may stand for a value that is missing or wrong without making another rule complain. */
const substitutes: Readonly<Record<string, unknown>> = {
  name: "unnamed",
  dockerfile: "Dockerfile",
  port: 1,
  ready: "/",
  path: "/",
  schema: "schema.prisma",
  target: "local",
};

/** Puts a substitute at a path, or cuts out what is there; where nothing is there, what lacks it. */
function mend(input: unknown, path: Path): void {
  const key = path.at(-1);
  if (key === undefined) return;
  // Which check it is cannot be told without this.
  if (path[0] === "checks" && path.length === 3 && (key === "scan" || key === "script")) {
    mend(input, path.slice(0, 2));
    return;
  }
  const holder = valueAt(input, path.slice(0, -1));
  if (holder === null || typeof holder !== "object") return;
  const fields = holder as Record<string | number, unknown>;
  const substitute = substitutes[key];
  if (substitute !== undefined && fields[key] !== substitute) fields[key] = substitute;
  else if (path[0] === "checks" && path.length === 2) fields[key] = checkName(fields[key], Number(key));
  else if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else if (key in fields) Reflect.deleteProperty(fields, key);
  else mend(input, path.slice(0, -1));
}

/** A check that is written wrong is still what others name. */
function checkName(written: unknown, index: number): string {
  const { name, script, scan } = (written ?? {}) as Record<string, unknown>;
  const called = [name, script, scan].find((one) => typeof one === "string" && one !== "");
  return typeof called === "string" ? called : `unnamed-${String(index)}`;
}
