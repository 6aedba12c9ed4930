import { canonicalJson } from "../model/canonical-json.ts";
import type { SmokeCheck } from "../model/plan.ts";
import type { DeploymentSummary, ProvenRelease } from "./state.ts";

/** The line of proven releases while it is read. A ledger may be long: what is asked at each event is not searched for. */
export function provenLine() {
  const releases: ProvenRelease[] = [];
  const versions = new Set<string>();
  return {
    releases,
    /** A way back shortens the line; what was left behind that way is never gone back to. */
    add: ({ action, release, operations }: DeploymentSummary) => {
      const { version } = release;
      const done = operations
        .filter(({ state, wayBack }) => state === "done" && !wayBack)
        .map(({ operation }) => operation);
      const at = versions.has(version)
        ? releases.findLastIndex((proven) => proven.release.version === version)
        : -1;
      const previous = releases[at];
      if (action !== "deploy" && at >= 0) releases.length = at;
      if (action === "deploy" && releases.at(-1)?.release.version === version) releases.pop();
      versions.add(version);
      releases.push({
        release,
        smoke: uniqueChecks(
          done.flatMap((operation) => (operation.kind === "smoke" ? operation.checks : [])),
        ),
        tags: done.find((operation) => operation.kind === "tag-images")?.tags ?? previous?.tags ?? [],
      });
    },
  };
}

/** What runs beside was asked before, what serves after it. */
function uniqueChecks(checks: readonly SmokeCheck[]): readonly SmokeCheck[] {
  return [...new Map(checks.map((check) => [canonicalJson({ ...check }), check])).values()];
}
