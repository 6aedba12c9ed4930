import type { Check } from "./check.ts";

/**
 * Runs each as soon as all that it needs have ended, and all of them to their ends.
 * @param run gets the results of what it needs; what is needed and not among the checks is none of them
 */
export async function inOrder<T>(
  checks: readonly Check[],
  run: (check: Check, needed: readonly T[]) => Promise<T>,
): Promise<T[]> {
  const byName = new Map(checks.map((check) => [check.name, check]));
  const begun = new Map<string, Promise<T>>();
  const begin = (check: Check): Promise<T> => {
    const known = begun.get(check.name);
    if (known !== undefined) return known;
    const needs = (check.needs ?? []).flatMap((name) => byName.get(name) ?? []);
    const running = Promise.all(needs.map(begin)).then((needed) => run(check, needed));
    begun.set(check.name, running);
    return running;
  };
  const ends = await Promise.allSettled(checks.map(begin));
  return ends.map((end) => {
    if (end.status === "rejected") throw end.reason;
    return end.value;
  });
}
