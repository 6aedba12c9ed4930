import { deadlineAfter } from "../../findings/findings.ts";
import type { FindingsConfig } from "../../config/config.ts";
import type { TestStanding } from "../../model/test-run.ts";
import { runsToBeFixed } from "../text.ts";
import type { RememberedRun } from "./events.ts";

const dayMs = 24 * 3_600_000;
/** What is longer ago says nothing about a test; one that was not run for so long is forgotten. */
const windowMs = 30 * dayMs;
/** Flaky more often than this within 30 days: quarantined. */
const mostFlakyTimes = 3;

export type Standing = Omit<TestStanding, "owner"> & { readonly file?: string | undefined };

interface Followed {
  readonly check: string;
  readonly test: string;
  file?: string | undefined;
  /** When it was flaky, oldest first; none of before a quarantine that ended. */
  flaky: number[];
  /** By version: what it did there. */
  outcomes: Map<string, { failed: boolean; passed: boolean; counted: boolean }>;
  lastFailed: number;
  lastSeen: number;
  /** True from a failure until it passes. */
  isFailing: boolean;
  quarantinedSince: number | null;
  cleanRuns: number;
}

/**
 * The tests that are not known to work, from what the ledger says of runs in their order. Pure.
 * A test is flaky once for each run in which it failed and passed, and once for each version on which runs differ.
 */
export function standings(
  runs: readonly RememberedRun[],
  now: Date,
  sprint: FindingsConfig["sprint"],
): readonly Standing[] {
  const all = new Map<string, Followed>();
  for (const run of runs)
    for (const result of run.tests) {
      const key = keyOf(run.check, result.test);
      const known = all.get(key);
      const isForgotten = known === undefined || Date.parse(run.at) - known.lastSeen > windowMs;
      const test = isForgotten ? followed(run.check, result.test) : known;
      all.set(key, test);
      follow(test, result, run);
    }
  return [...all.values()]
    .filter(({ lastSeen }) => now.getTime() - lastSeen <= windowMs)
    .flatMap((test) => standingOf(test, now, sprint))
    .sort((one, other) => (keyOf(one.check, one.test) < keyOf(other.check, other.test) ? -1 : 1));
}

function keyOf(check: string, test: string): string {
  return `${check}\n${test}`;
}

function followed(check: string, test: string): Followed {
  const nothing = { flaky: [], outcomes: new Map(), lastFailed: 0, lastSeen: 0, isFailing: false };
  return { check, test, ...nothing, quarantinedSince: null, cleanRuns: 0 };
}

function follow(test: Followed, { outcome, file }: RememberedRun["tests"][number], run: RememberedRun): void {
  const at = Date.parse(run.at);
  test.lastSeen = at;
  if (file !== undefined) test.file = file;
  const here = test.outcomes.get(run.version) ?? { failed: false, passed: false, counted: false };
  test.outcomes.set(run.version, here);
  if (outcome !== "passed") here.failed = true;
  if (outcome !== "failed") here.passed = true;
  const differs = here.failed && here.passed && !here.counted;
  if (outcome === "flaky" || differs) {
    here.counted = true;
    test.flaky.push(at);
  }
  if (outcome !== "passed") test.lastFailed = at;
  test.isFailing = outcome === "failed";
  test.cleanRuns = outcome === "passed" ? test.cleanRuns + 1 : 0;
  if (test.quarantinedSince === null) {
    const recent = test.flaky.filter((time) => at - time <= windowMs);
    // The check as a whole is no test: what is in it is not known.
    if (recent.length > mostFlakyTimes && test.test !== "") {
      test.quarantinedSince = at;
      test.cleanRuns = 0;
    }
  } else if (test.cleanRuns >= runsToBeFixed) {
    test.quarantinedSince = null;
    test.flaky = [];
  }
}

function standingOf(test: Followed, now: Date, sprint: FindingsConfig["sprint"]): Standing[] {
  const { check, quarantinedSince, cleanRuns, isFailing, lastFailed, file } = test;
  const flakyTimes = test.flaky.filter((time) => now.getTime() - time <= windowMs).length;
  if (flakyTimes === 0 && !isFailing && quarantinedSince === null) return [];
  const since = quarantinedSince === null ? null : new Date(quarantinedSince);
  const until = since === null ? null : deadlineAfter(since, { amount: 1, unit: "sprints" }, sprint);
  return [
    {
      ...{
        check,
        test: test.test,
        flakyTimes,
        lastFailed: new Date(lastFailed).toISOString(),
        fails: isFailing,
      },
      is: flakyTimes > 0 || since !== null ? "flaky" : "broken",
      ...(file === undefined ? {} : { file }),
      ...(since === null || until === null
        ? {}
        : {
            quarantine: {
              ...{ since: since.toISOString(), until: until.toISOString() },
              ...{ passed: now > until, cleanRuns },
            },
          }),
    },
  ];
}
