import { bounded } from "../findings/findings.ts";
import type { Json } from "../model/canonical-json.ts";
import type { Evidence } from "../model/evidence.ts";
import { visible } from "../model/visible.ts";
import type { ReleaseOutcome } from "../release/release.ts";
import { duration, indent, table } from "./text.ts";

/** The last words of a deploy or rollback that ended well. */
export function outcomeText(outcome: ReleaseOutcome): string {
  const { environment, release } = outcome.plan;
  const urls = indent(table(Object.entries(outcome.urls)));
  if (outcome.kind === "nothing to do") {
    const live = outcome.plan.from?.version ?? release.version;
    const same = live === release.version ? "" : ` It runs the same images as ${release.version}.`;
    return `Nothing to do: ${live} is live in ${environment}.${same}\n${urls}`;
  }
  const verb = {
    deploy: "is live",
    rollback: "is live again",
    restore: "is live again, with the database of then,",
  }[outcome.plan.action];
  return `${release.version} ${verb} in ${environment}: ${outcome.deployment}, rolled out in ${duration(outcome.durationMs)}.\n${urls}`;
}

export function outcomeJson(outcome: ReleaseOutcome): Json {
  const { plan, urls } = outcome;
  const common = { environment: plan.environment, version: plan.release.version, urls };
  if (outcome.kind === "nothing to do") {
    return { outcome: "nothing to do", ...common, live: plan.from?.version ?? null };
  }
  return {
    outcome: "released",
    ...common,
    deployment: outcome.deployment,
    action: plan.action,
    planHash: outcome.planHash,
    from: plan.from?.version ?? null,
    images: Object.fromEntries(plan.release.services.map((service) => [service.name, service.image])),
    durationMs: outcome.durationMs,
  };
}

/** What did not pass has a section of its own. */
const longest = { pass: 1_000, told: 160 } as const;

/** A line for each: of checks, and of what a review asked. */
export function evidenceText(evidence: readonly Evidence[]): string {
  if (evidence.length === 0) return "Nothing to check.";
  return table(
    evidence.map((entry) => [
      { pass: "✓", fail: "✗", insufficient: "?" }[entry.verdict],
      visible(entry.name),
      entry.cached === true ? "cached" : duration(entry.durationMs),
      bounded(visible(entry.summary), entry.verdict === "pass" ? longest.pass : longest.told),
    ]),
  );
}
