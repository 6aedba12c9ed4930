import { canonicalJson, type Json } from "../../model/canonical-json.ts";
import { held } from "../../model/errors.ts";
import type { Plan } from "../../model/plan.ts";
import { lastBegun, type EnvironmentState } from "../state.ts";
import { commandsFor } from "./commands.ts";

/**
 * Only the plan that was given may be applied.
 * @throws FairwayError PLAN_STALE (exit 3) that names every field in which the plan of now differs from it
 */
export function requireSamePlan(given: Plan, now: Plan, command: string): void {
  const fields = differences(given as unknown as Json, now as unknown as Json);
  if (fields.length === 0) return;
  throw held(`the plan is not about ${now.environment} as it is now. Nothing was changed.`, {
    code: "PLAN_STALE",
    output: fields.join("\n"),
    remedy: `Look at what would be done now, and have that approved:\n${commandsFor(now, command).plan}`,
  });
}

/**
 * A plan is about one state of its environment; after the next deployment it can never be applied.
 * @throws FairwayError PLAN_STALE (exit 3)
 */
export function requireNothingSince(
  given: Plan,
  state: EnvironmentState,
  command: string,
  told = { place: "--plan", end: "Nothing was changed." },
): void {
  if (given.after?.hash === state.lastChange?.hash) return;
  const since = lastBegun(state) ?? "it was stopped";
  throw held(`${given.environment} has changed since the plan was made: ${since}. ${told.end}`, {
    code: "PLAN_STALE",
    place: told.place,
    output: differences({ after: given.after }, { after: state.lastChange }).join("\n"),
    remedy: `Look at what would be done now, and have that approved:\n${commandsFor(given, command).plan}`,
  });
}

/** `release.services[0].image: "a" in the plan, "b" now` */
function differences(given: Json | undefined, now: Json | undefined, path = ""): string[] {
  if (given !== undefined && now !== undefined && canonicalJson(given) === canonicalJson(now)) return [];
  if (isArray(given) && isArray(now)) {
    const length = Math.max(given.length, now.length);
    return Array.from({ length }).flatMap((_, index) =>
      differences(given[index], now[index], `${path}[${String(index)}]`),
    );
  }
  if (isRecord(given) && isRecord(now)) {
    const names = [...new Set([...Object.keys(given), ...Object.keys(now)])].sort();
    return names.flatMap((name) =>
      differences(given[name], now[name], path === "" ? name : `${path}.${name}`),
    );
  }
  return [`${path}: ${shown(given)} in the plan, ${shown(now)} now`];
}

function shown(value: Json | undefined): string {
  if (value === undefined) return "nothing";
  const text = canonicalJson(value);
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}

function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function isRecord(value: Json | undefined): value is Readonly<Record<string, Json>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
