import { readFileSync } from "node:fs";

/** What one case of the corpus gave: a value, or the error that the client raised. */
export interface Outcome {
  readonly area: string;
  readonly name: string;
  readonly ok?: unknown;
  readonly error?: { readonly message: string; readonly [field: string]: unknown };
}

export type Verdict = "same" | "other words" | "refused" | "other value" | "missing";

/** `area: name`, by which a case is named everywhere. */
export function caseOf({ area, name }: Pick<Outcome, "area" | "name">): string {
  return `${area}: ${name}`;
}

export function readOutcomes(path: string): ReadonlyMap<string, Outcome> {
  const outcomes = JSON.parse(readFileSync(path, "utf8")) as readonly Outcome[];
  return new Map(outcomes.map((outcome) => [caseOf(outcome), outcome]));
}

/** How an outcome stands to the one that the real engine gave. */
export function compare(recorded: Outcome, mine: Outcome | undefined): Verdict {
  if (mine === undefined) return "missing";
  if (textOf(recorded) === textOf(mine)) return "same";
  if (/the embedded engine does not support it/.test(textOf(mine))) return "refused";
  return textOf(wordless(recorded)) === textOf(wordless(mine)) ? "other words" : "other value";
}

/** The order of fields says nothing. */
function textOf(outcome: unknown): string {
  return JSON.stringify(outcome, (_key, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

/** The same outcome without the texts of its errors: many are words of the engine's inside. */
function wordless(value: unknown, isError = false): unknown {
  if (Array.isArray(value)) return value.map((each) => wordless(each, isError));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !(isError && key === "message"))
      .map(([key, each]) => [key, wordless(each, ["error", "$error", "errors"].includes(key))]),
  );
}
