import type { TestResult } from "../../model/test-run.ts";

/** What one report says: a test may stand in it several times. */
export interface ReadTests {
  readonly tests: readonly TestResult[];
  readonly problems: readonly string[];
}

/** A report that cannot be read. Its message goes on from the report's name: "is not well-formed XML: ...". */
export class TestReportError extends Error {
  override readonly name = "TestReportError";
}

/** Characters that a test's name may have; of a longer one the beginning and a mark are kept. */
const longest = 500;

/** The parts of a test's name, from the widest: an empty one, and one that says the same again, is left out. */
export function named(parts: readonly string[]): string {
  const words = parts.map((part) => part.trim()).filter((part) => part !== "");
  const name = words.filter((part, at) => part !== words[at - 1]).join(" > ");
  return name.length <= longest ? name : `${name.slice(0, longest - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}
