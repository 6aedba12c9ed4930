import type { z } from "zod";
import { schemasAt, unknownKey } from "./keys.ts";
import { knownNames, type Path, problem, type Problem } from "./problems.ts";

type Issue = z.core.$ZodIssue;

/** What a schema says of an input, in our words: each unknown key by itself, each union by its nearest branch. */
export function problemsOf(issues: readonly Issue[], input: unknown, schema: z.ZodType): Problem[] {
  return issues.flatMap((issue) => describe(issue, [], input, schema));
}

function describe(issue: Issue, prefix: Path, input: unknown, schema: z.ZodType): Problem[] {
  const path = [...prefix, ...issue.path.map((part) => (typeof part === "number" ? part : String(part)))];
  const value = valueAt(input, path);
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => ({
        ...problem([...path, key], unknownKey(key, schemasAt(schema, path), value)),
        atKey: true,
      }));
    case "invalid_type":
      return [
        problem(
          path,
          value === undefined
            ? `is missing: must be ${article(issue.expected)}`
            : typeMessage(issue.expected, value),
        ),
      ];
    case "invalid_union": {
      if ("options" in issue) return [problem(path, notAmong(value, issue.options))];
      const branch = nearestBranch(issue.errors, value);
      if (branch !== undefined) return branch.flatMap((inner) => describe(inner, path, input, schema));
      return [problem(path, value === undefined ? `is missing: ${issue.message}` : issue.message)];
    }
    case "invalid_key":
      return issue.issues.map((inner) => ({ ...problem(path, `this name ${inner.message}`), atKey: true }));
    case "invalid_value": {
      return [problem(path, notAmong(value, issue.values))];
    }
    case "too_small": {
      const least = issue.inclusive === false ? "more than" : "at least";
      const unit = issue.origin === "string" ? " character" : "";
      return [problem(path, `must be ${least} ${String(issue.minimum)}${unit}`)];
    }
    case "too_big":
      return [
        problem(
          path,
          `must be ${issue.inclusive === false ? "less than" : "at most"} ${String(issue.maximum)}`,
        ),
      ];
    case "not_multiple_of":
      return [problem(path, `must be a multiple of ${String(issue.divisor)}`)];
    default:
      return [problem(path, issue.message)];
  }
}

function notAmong(value: unknown, values: readonly unknown[] = []): string {
  const known = values.map(String);
  if (value === undefined) return `is missing: must be ${known.join(" or ")}`;
  const name = typeof value === "string" ? value : "";
  return `${JSON.stringify(value)} is not possible here; ${knownNames(name, known)}`;
}

function typeMessage(expected: string, value: unknown): string {
  const given =
    value === null
      ? "empty"
      : Array.isArray(value)
        ? "a list"
        : typeof value === "object"
          ? "a map"
          : JSON.stringify(value);
  return `must be ${article(expected)}, and is ${given}`;
}

function article(expected: string): string {
  const names: Record<string, string> = {
    string: "a text",
    int: "a whole number",
    number: "a number",
    boolean: "true or false",
    array: "a list",
    object: "a map",
    record: "a map",
  };
  return names[expected] ?? expected;
}

/**
 * The branch of a union that the writer meant: of those for a value of this type the one that has its keys, then the one that
 * misses none, and then the one with the fewest complaints about what is below.
 */
function nearestBranch(
  branches: readonly (readonly Issue[])[],
  value: unknown,
): readonly Issue[] | undefined {
  const isUnknown = (issue: Issue) => issue.code === "unrecognized_keys" && issue.path.length === 0;
  const isMissing = ({ path }: Issue) => path.length === 1 && valueAt(value, path as Path) === undefined;
  const weight = (issue: Issue) => {
    if (isUnknown(issue)) return 10_000;
    // What says which of several shapes it is: all its other keys are as good as unknown.
    if (isMissing(issue)) return issue.code === "invalid_union" ? 11_000 : 1000;
    return issue.code === "unrecognized_keys" ? 10 : 1;
  };
  const weightOf = (issues: readonly Issue[]) => issues.reduce((sum, issue) => sum + weight(issue), 0);
  const [nearest] = branches
    .filter((issues) => !issues.some((issue) => issue.path.length === 0 && !isUnknown(issue)))
    .sort((a, b) => weightOf(a) - weightOf(b));
  // Where a key is misspelt it is not missing besides.
  return nearest?.some(isUnknown) === true ? nearest.filter((issue) => !isMissing(issue)) : nearest;
}

export function valueAt(input: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      value !== null && typeof value === "object"
        ? (value as Record<string | number, unknown>)[part]
        : undefined,
    input,
  );
}
