import { unreachable } from "../../model/errors.ts";
import type { Operation, SetWeightOperation } from "../../model/plan.ts";
import { analysisTitle } from "../analysis/analysis.ts";
import { duration } from "../duration.ts";
import { dependencyTitle } from "../health/health.ts";

/** An operation in the words that people see in the plan, the progress and the history. */
export function titleOf(operation: Operation): string {
  switch (operation.kind) {
    case "backup":
      return `back up the database${byScript(operation.script)}${keeping(operation.keep)}`;
    case "restore":
      return `restore the database from backup ${operation.backup}${byScript(operation.script)}`;
    case "maintenance":
      return operation.on ? "maintenance on: visitors are answered 503" : "maintenance off";
    case "migrate":
      return `migrate the database: ${operation.migrations.map((migration) => migration.name).join(", ")}`;
    case "replace-replica":
      return `${operation.service} ${slotsOf(operation)}: ${replacing(operation)}${becauseOf(operation)}`;
    case "remove-replica":
      return `${operation.service} ${String(operation.index + 1)}: drain and stop`;
    case "start-beside":
      return `${operation.service}: run ${replicas(operation.replicas)} of ${operation.version} beside what serves`;
    case "set-weight":
      return weightTitle(operation);
    case "take-over":
      return `${operation.service}: ${operation.version} takes over from what serves, then drain what it replaces`;
    case "stop-beside":
      return `${operation.service}: drain and stop what runs beside`;
    case "set-images":
      return `set the images of ${operation.images.map(({ service }) => service).join(", ")} to ${operation.version}`;
    case "await-healthy":
      return `wait until ${operation.version} is healthy, for ${duration(operation.timeoutSeconds)} at most`;
    case "analyse":
      return analysisTitle(operation);
    case "check-dependencies":
      return `check dependencies: ${operation.checks.map(dependencyTitle).join(", ")}`;
    case "watch":
      return `watch ${operation.rollBackOn.join(", ") || "what it does"}${operation.beside === undefined ? "" : " of what visitors were switched to"} for ${duration(operation.seconds)}${reviewOf(operation)}`;
    case "smoke":
      return `smoke test${operation.side === undefined ? "" : " of what runs beside"}: ${operation.checks.map((check) => `${check.service} ${check.path}`).join(", ")}`;
    case "run-script":
      return `run ${operation.script} against what serves`;
    case "tag-images":
      return `tag images: ${[...new Set(operation.tags.map((tag) => tag.tag))].join(", ")}`;
    default:
      return unreachable(operation);
  }
}

function weightTitle({ version, services, percent, sticky }: SetWeightOperation): string {
  const visitors = `visitors of ${services.join(", ")}`;
  if (percent === 0) return `take all ${visitors} back from ${version}`;
  if (percent === 100) return `switch all ${visitors} to ${version}`;
  return `send ${String(percent)} % of the ${visitors} to ${version}${sticky ? ", each of whom stays where he is" : ""}`;
}

function replicas(count: number): string {
  return count === 1 ? "1 replica" : `${String(count)} replicas`;
}

function reviewOf({ reviewOn }: Extract<Operation, { kind: "watch" }>): string {
  if (reviewOn === null) return "";
  const { errorRatePercent, p95Milliseconds } = reviewOn;
  const limits = [
    ...(errorRatePercent === null ? [] : [`over ${String(errorRatePercent)} % fail`]),
    ...(p95Milliseconds === null ? [] : [`p95 is over ${String(p95Milliseconds)} ms`]),
  ];
  return `; asks for a review when ${limits.join(" or ")}`;
}

function byScript(script: string | null): string {
  return script === null ? "" : ` with the script ${script}`;
}

function keeping(keep: number | null): string {
  return keep === null
    ? ""
    : keep === 1
      ? ", the only one that is kept"
      : `, the last ${String(keep)} are kept`;
}

type Replacement = Extract<Operation, { kind: "replace-replica" }>;

/** `1, 2, 3`, as people count. */
function slotsOf({ index, also = [] }: Replacement): string {
  return [index, ...also].map((slot) => String(slot + 1)).join(", ");
}

function replacing({ version, replaces = true, unavailable = 0, also = [] }: Replacement): string {
  if (!replaces) return `start ${version}`;
  const those = also.length === 0 ? "it replaces" : "they replace";
  if (unavailable === 0) return `start ${version}, then drain what ${those}`;
  if (unavailable > also.length) return `drain what runs, then start ${version}`;
  return `start ${version}, ${String(unavailable)} of them after what it replaces is drained`;
}

function becauseOf({ changedSecrets }: Replacement): string {
  return changedSecrets === undefined ? "" : ` (secrets changed: ${changedSecrets.join(", ")})`;
}
