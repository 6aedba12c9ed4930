import type { AnalysisRecord } from "../../model/metric.ts";
import type { LedgerEvent } from "../../model/ledger.ts";
import type { Operation } from "../../model/plan.ts";
import { approvalEventType, readApproval } from "../../release/gates/approvals/approvals.ts";
import { toldOf, type GateJudgement } from "../../release/gates/judge.ts";
import type { DeploymentEventType, EventPayloads, NoteEventType } from "../../release/journal.ts";
import { titleOf } from "../../release/apply/titles.ts";

/** One thing that happened. */
export interface TimelineEntry {
  /** RFC 3339, UTC: what clocks showed. */
  readonly at: string;
  /** `ada`, or `-` for what nobody does. */
  readonly who: string;
  readonly environment: string | null;
  readonly sign: "▸" | "✓" | "✗" | "?" | "·" | "!";
  readonly what: string;
}

/** What an event of the ledger says, in lines; a look in an analysis is one too. */
export function linesOf(event: LedgerEvent): readonly TimelineEntry[] {
  const { at, environment, deployment } = event;
  const who = event.actor.replace(/@[^@]*$/, "");
  const payload = event.payload as unknown as EventPayloads & { readonly analysis?: AnalysisRecord };
  const line = (sign: TimelineEntry["sign"], what: string): TimelineEntry => ({
    at,
    who,
    environment,
    sign,
    what,
  });
  const id = deployment ?? "";
  const looks = payload.analysis === undefined ? [] : looksOf(event, payload.operation, payload.analysis);
  const title = () => `${payload.wayBack ? "way back: " : ""}${titleOf(payload.operation)}`;
  switch (event.type as DeploymentEventType | NoteEventType | typeof approvalEventType) {
    case "deployment-started": {
      const { action, release, plan } = payload;
      return [
        line(
          "▸",
          `${id} begins: ${action} of ${release.version}, ${String(plan.operations.length)} operations`,
        ),
      ];
    }
    case "deployment-resumed":
      return [line("▸", `${id} is gone on with`)];
    case "operation-finished":
      return [
        ...looks,
        line(
          "✓",
          `${title()}${payload.observed === undefined || looks.length > 0 ? "" : `: ${payload.observed}`}`,
        ),
      ];
    case "operation-failed":
      return [...looks, line("✗", `${title()}: ${payload.message}`)];
    case "review-requested":
      return [...looks, line("?", `${title()}: ${payload.message}`)];
    case "operation-answered":
      return [line("▸", `says "${payload.answer}" of: ${title()}`)];
    case "deployment-going-back":
      return [line("!", `${id} goes back: ${payload.message}`)];
    case "deployment-interrupted":
      return [line("!", `${id} ${payload.message}`)];
    case "deployment-succeeded":
      return [line("✓", `${id} is proven`)];
    case "deployment-failed":
      return [
        line(
          "✗",
          `${id} ${payload.rolledBack ? "went back" : "failed, and so did its way back"}: ${payload.message}`,
        ),
      ];
    case "deployment-held": {
      const { gates } = event.payload as unknown as { gates: readonly GateJudgement[] };
      const closed = gates.filter(({ state }) => state === "held" || state === "refused");
      return [line("?", `waits: ${closed.map((one) => `${one.gate}: ${toldOf(one)}`).join("; ")}`)];
    }
    case "deployment-not-begun": {
      const { action, version } = event.payload as { action?: string; version?: string };
      return [line("✗", `${action ?? ""} of ${version ?? ""} was not begun: ${payload.message}`)];
    }
    case "abort-requested":
      return [line("▸", `wants ${id} back: ${(event.payload as { reason?: string }).reason ?? ""}`)];
    case approvalEventType: {
      const read = readApproval(event.payload);
      const plan = read.ok ? read.statement.planHash.slice(0, 14) : "?";
      return [
        line("▸", `${read.ok && read.statement.decision === "reject" ? "rejects" : "approves"} plan ${plan}`),
      ];
    }
    case "maintenance-changed": {
      const { on, reason } = event.payload as { on?: boolean; reason?: string };
      const why = reason === undefined || reason === "" ? "" : `: ${reason}`;
      return [line("!", `maintenance ${on === true ? "on" : "off"} by hand${why}`)];
    }
    case "analysis-looked":
    case "operation-started":
    case "data-removal-started":
    case "environment-stopped":
      return [];
  }
}

/** Looks that say the same stand in one line, with the time of the first of them. */
function looksOf(
  { actor, environment }: LedgerEvent,
  operation: Operation,
  { looks, verdicts }: AnalysisRecord,
): readonly TimelineEntry[] {
  const limits = operation.kind === "analyse" ? operation.limits : [];
  const said = looks.map((look) =>
    look.limits
      .map((limit, index) => {
        const { service = "", limit: of } = limits[index] ?? {};
        return `${service} ${of?.metric ?? ""} ${limit === null ? "not read" : limit.verdict}`;
      })
      .join(", "),
  );
  const entries: TimelineEntry[] = [];
  let first = 0;
  for (let next = 1; next <= looks.length; next += 1) {
    if (next < looks.length && said[next] === said[first]) continue;
    const numbers =
      next - first === 1 ? `look ${String(next)}` : `looks ${String(first + 1)}-${String(next)}`;
    entries.push({
      ...{ at: looks[first]?.at ?? "", who: actor.replace(/@[^@]*$/, ""), environment, sign: "·" },
      what: `${numbers}: ${said[first] ?? ""}`,
    });
    first = next;
  }
  const last = looks.at(-1)?.at;
  if (last === undefined) return entries;
  const detail = verdicts.map(({ service, says }): TimelineEntry => {
    return { ...entries.at(-1)!, at: last, what: `last look: ${service}: ${says}` };
  });
  return [...entries, ...detail];
}
