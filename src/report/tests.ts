import type { Json } from "../model/canonical-json.ts";
import type { TestStanding } from "../model/test-run.ts";
import { standingText } from "../test-results/test-results.ts";

/** The tests that are not known to work, by check. */
export function testsText(standings: readonly TestStanding[]): string {
  if (standings.length === 0) return "No test is known to be flaky or broken.";
  const byCheck = Map.groupBy(standings, ({ check }) => check);
  return [...byCheck]
    .map(([check, tests]) => [check, ...tests.map((one) => `  ${standingText(one)}`)].join("\n"))
    .join("\n\n");
}

export function testsJson(standings: readonly TestStanding[]): Json {
  return standings as unknown as Json;
}
