import { problem } from "../problems.ts";
import type { Rule } from "./rule.ts";

/** Only this machine's proxy counts what goes through it. */
export const reviewHasTraffic: Rule = ({ environments }) =>
  Object.entries(environments).flatMap(([name, { afterRelease, target }]) =>
    target === "local" || (afterRelease?.reviewOn ?? null) === null
      ? []
      : [
          problem(
            ["environments", name, "afterRelease", "reviewOn"],
            "gitops has no figures of its own requests: leave it out, or let the target be local",
          ),
        ],
  );

export const reviewAsksForSomething: Rule = ({ environments }) =>
  Object.entries(environments).flatMap(([name, { afterRelease }]) => {
    const { errorRatePercent = 0, p95Milliseconds = 0 } = afterRelease?.reviewOn ?? {};
    return errorRatePercent === null && p95Milliseconds === null
      ? [
          problem(
            ["environments", name, "afterRelease", "reviewOn"],
            "needs errorRatePercent, p95Milliseconds or both",
          ),
        ]
      : [];
  });
