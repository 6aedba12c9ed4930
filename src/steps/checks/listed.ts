import type { Secret } from "@dagger.io/dagger";
import { type CheckConfig, type Config, knownNames } from "../../config/config.ts";
import { usageError } from "../../model/errors.ts";
import { scanCheck } from "../scanners/scanners.ts";
import { type Toolchain, withoutTask } from "../toolchains/toolchains.ts";
import type { Check } from "./check.ts";
import { scriptCheck } from "./scripts/scripts.ts";

export interface Listed {
  readonly config: Pick<Config, "checks" | "database">;
  /** Checks of the team's own, after those of the config. */
  readonly custom?: readonly Check[] | undefined;
}

interface Surroundings {
  readonly now: Date;
  readonly secrets?: Readonly<Record<string, Secret>> | undefined;
}

/** Those that a pipeline lists, in their order. */
export function listedChecks(
  { config, custom = [] }: Listed,
  { now, secrets = {} }: Surroundings,
): readonly Check[] {
  const { checks, database } = config;
  const checkOf = (check: CheckConfig) => {
    if (check.kind === "scan") return scanCheck(check.name, check.options, { now, secrets });
    const variable = check.kind === "integration" ? check.variable : (database?.prisma.url ?? "DATABASE_URL");
    const { browser, postgres, redis } = check;
    const server = postgres === null ? null : { version: postgres, variable };
    return scriptCheck({ ...check, around: { browser, redis, postgres: server } });
  };
  const listed = checks.map((check) => {
    const { needs, timeoutMinutes } = check;
    return { ...checkOf(check), needs, timeoutMinutes };
  });
  return [...listed, ...custom];
}

/**
 * Those with these names and what they need; all of them where none is named.
 * @throws FairwayError CHECK_UNKNOWN (exit 2)
 */
export function chosenOf(checks: readonly Check[], names: readonly string[]): readonly Check[] {
  requireKnown(
    checks.map(({ name }) => name),
    names,
  );
  if (names.length === 0) return checks;
  const wanted = withNeeds(checks, names);
  return checks.filter((check) => wanted.has(check.name));
}

/** @throws FairwayError CHECK_UNKNOWN (exit 2) */
function requireKnown(known: readonly string[], names: readonly string[]): void {
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw usageError(`there is no check ${unknown.join(", ")}`, {
    code: "CHECK_UNKNOWN",
    place: "--only",
    remedy:
      known.length === 0
        ? "fairway.yaml lists no checks."
        : unknown.map((name) => `${name}: ${knownNames(name, known)}`).join("\n"),
  });
}

/**
 * What is named has to be there, and so have the tasks of what is run. Nothing is opened or run for it.
 * @throws FairwayError CHECK_UNKNOWN, SCRIPT_MISSING (exit 2)
 */
export function requireChecks(
  listed: Listed & {
    /** Null where it is not known. */
    readonly toolchain: Toolchain | null;
    /** Names of what is checked without being listed. */
    readonly besides: readonly string[];
  },
  names: readonly string[],
): void {
  const checks = listedChecks(listed, { now: new Date(0) });
  requireKnown([...checks.map(({ name }) => name), ...listed.besides], names);
  const rest = names.filter((name) => !listed.besides.includes(name));
  const chosen = rest.length === 0 && names.length > 0 ? [] : chosenOf(checks, rest);
  if (listed.toolchain !== null) requireTasks(chosen, listed.toolchain);
}

/** Those that are named, what they need, and what that needs. */
function withNeeds(checks: readonly Check[], names: readonly string[]): ReadonlySet<string> {
  const wanted = new Set<string>();
  const add = (name: string) => {
    if (wanted.has(name)) return;
    wanted.add(name);
    for (const need of checks.find((check) => check.name === name)?.needs ?? []) add(need);
  };
  names.forEach(add);
  return wanted;
}

/** @throws FairwayError SCRIPT_MISSING (exit 2) with every task that the repository has not */
export function requireTasks(checks: readonly Check[], toolchain: Toolchain): void {
  const missing = checks.flatMap((check) =>
    (check.scripts ?? [])
      .filter((task) => !Object.hasOwn(toolchain.tasks, task))
      .map((task) => ({ check, task })),
  );
  if (missing.length === 0) return;
  const without = withoutTask(toolchain);
  const wanted = missing.map(({ check, task }) => `the check ${check.name} runs ${task}`).join(", and ");
  throw usageError(`${wanted}: ${without.has(missing.map(({ task }) => task))}`, {
    code: "SCRIPT_MISSING",
    place: without.place(),
    remedy: without.known,
  });
}
