import type { z } from "zod";
import { type FairwayError, failure } from "../../model/errors.ts";
import { visible } from "../../model/visible.ts";

/**
 * A tool's report as the value that its schema describes. What the schema does not name may be there or not.
 * @param tool the tool's name, for the error
 * @throws FairwayError FINDINGS_UNREADABLE (exit 1): such a report says nothing, and least of all that nothing was found
 */
export function parseReport<T>(text: string, schema: z.ZodType<T>, tool: string): T {
  return checked(parseJson(text, tool), schema, tool);
}

/** The same for a report of one JSON value a line; empty lines are none. */
export function parseLines<T>(text: string, schema: z.ZodType<T>, tool: string): T[] {
  return text
    .split("\n")
    .map((line, at) => ({ line: line.trim(), number: at + 1 }))
    .filter(({ line }) => line !== "")
    .map(({ line, number }) => checked(parseJson(line, tool, number), schema, tool, number));
}

function parseJson(text: string, tool: string, line?: number): unknown {
  // A byte order mark is no part of the text.
  const json = text.replace(/^\uFEFF/, "");
  if (json.trim() === "") throw unreadable(tool, line, "it is empty");
  try {
    return JSON.parse(json);
  } catch (error) {
    throw unreadable(tool, line, wordsOf(error), error);
  }
}

/**
 * A part of a report, by itself: of a long list nothing is then copied whole.
 * @param at where the part is: `["runs", 0, "results", 7]`
 */
export function parsePart<T>(
  value: unknown,
  schema: z.ZodType<T>,
  tool: string,
  at: readonly PropertyKey[],
): T {
  return checked(value, schema, tool, undefined, at);
}

function checked<T>(
  value: unknown,
  schema: z.ZodType<T>,
  tool: string,
  line?: number,
  at: readonly PropertyKey[] = [],
): T {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const path = [...at, ...(issue?.path ?? [])];
  const where = path.length === 0 ? "" : `${pathOf(path)}: `;
  throw unreadable(tool, line, `${where}${issue?.message ?? "not what is expected"}`);
}

export function unreadable(
  tool: string,
  line: number | undefined,
  what: string,
  cause?: unknown,
): FairwayError {
  const at = line === undefined ? "" : `, line ${String(line)}`;
  return failure(`the report of ${tool} cannot be read: ${visible(what).slice(0, 500)}`, {
    code: "FINDINGS_UNREADABLE",
    place: `${tool}${at}`,
    remedy:
      "Was the tool stopped before its end? What it printed is not what its version is documented to print.",
    ...(cause === undefined ? {} : { cause }),
  });
}

function pathOf(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === "number" ? `[${String(part)}]` : `.${String(part)}`))
    .join("")
    .replace(/^\./, "");
}

/** V8 quotes the text, which may hold a secret. */
function wordsOf(error: unknown): string {
  const message = error instanceof Error ? error.message : "";
  const position = /position \d+(?: \(line \d+ column \d+\))?/.exec(message)?.[0];
  if (position !== undefined) return `it is no JSON at ${position}`;
  return message.includes("end of JSON input") ? "it ends too early" : "it is no JSON";
}
