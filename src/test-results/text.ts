import { momentText } from "../findings/findings.ts";
import type { TestStanding } from "../model/test-run.ts";
import { visible } from "../model/visible.ts";

/** `cart > adds up: flaky 4 times in 30 days; in quarantine until 2026-12-06, @shop/cart; 3 of 20 runs without a failure`. */
export function standingText(standing: TestStanding): string {
  const { test, is, flakyTimes, lastFailed, owner, quarantine } = standing;
  const name = test === "" ? "the check as a whole" : visible(test);
  const times = `${String(flakyTimes)} ${flakyTimes === 1 ? "time" : "times"} in 30 days`;
  const what = is === "flaky" ? `flaky ${times}` : `broken, failed on ${lastFailed.slice(0, 10)}`;
  if (quarantine === undefined) return `${name}: ${what}`;
  const { until, passed, cleanRuns } = quarantine;
  const state =
    owner === null
      ? "its failures count: nobody owns it, say who in CODEOWNERS or tests.owner"
      : passed
        ? `its failures count: its quarantine ended on ${momentText(until)}, ${visible(owner)}`
        : `in quarantine until ${momentText(until)}, ${visible(owner)}`;
  return `${name}: ${what}; ${state}; ${String(cleanRuns)} of ${String(runsToBeFixed)} runs without a failure`;
}

/** So many runs in a row without a failure end a quarantine. */
export const runsToBeFixed = 20;
