import type { Plan } from "../../model/plan.ts";
import { titleOf } from "../../release/apply/apply.ts";
import { toldOf } from "../../release/gates/judge.ts";
import { traceMermaid, traceText, type Around, type Trace, type TraceNode } from "../../testing/testing.ts";
import type { Seen, SeenPlan } from "./seen.ts";

/** What a call would do, as far as it can be told. */
export interface Explanation {
  /** As it is called: `submit-approval`. */
  readonly name: string;
  readonly trace: Trace;
  readonly seen: Seen;
  /** `planned`: up to the operations of a plan, which are listed. */
  readonly ended: "answered" | "planned" | "stopped";
  /** Where and why it goes no further; null where it goes to its answer. */
  readonly why: string | null;
}

export function shown(explanation: Explanation, format: string): string {
  const { name, trace, seen } = explanation;
  switch (format) {
    case "json":
      return `${JSON.stringify(asJson(explanation), null, 2)}\n`;
    case "mermaid":
      return traceMermaid(trace, aroundOf(seen));
    default:
      return `${name}\n${isNothing(explanation) ? "runs no step\n" : traceText(trace, aroundOf(seen))}`;
  }
}

function isNothing({ trace, seen }: Explanation): boolean {
  const { before, after } = aroundOf(seen);
  return trace.steps.length + trace.effects.length + before.length + after.length === 0;
}

function asJson({ name, trace, seen, ended, why }: Explanation) {
  const { looks, images, changes, assumed, notes } = seen;
  const plan = seen.plan === null ? null : planJson(seen.plan);
  return { function: name, ...trace, looks, images, changes, plan, ended, why, assumed, notes };
}

/** Without digests and hashes: those of images that were not built are of nothing. */
function planJson({ plan, gates }: SeenPlan) {
  const { environment, action, from, release, operations, wayBack } = plan;
  return {
    ...{ environment, action, from: from?.version ?? null, to: release.version },
    operations: operations.map((operation, index) => ({
      ...{ number: index + 1, kind: operation.kind, title: titleOf(operation) },
    })),
    wayBack: { operations: wayBack.operations.map(titleOf), impossible: wayBack.impossible },
    gates: gates.map((judged) => ({ gate: judged.gate, state: judged.state, says: toldOf(judged) })),
  };
}

function aroundOf({ looks, images, changes, plan }: Seen): Around {
  return {
    before: looks.map(line),
    after: [...images.map(line), ...changes.map(line), ...(plan === null ? [] : [planNode(plan)])],
  };
}

function planNode({ plan, gates }: SeenPlan): TraceNode {
  const { environment, action, from, release, operations } = plan;
  const what = action === "deploy" ? "" : ` (${action})`;
  const titles = operations.map((operation, index) => line(`${String(index + 1)}. ${titleOf(operation)}`));
  return {
    title: `plan of ${environment}: ${from?.version ?? "nothing"} -> ${release.version}${what}`,
    lines: gates.map((judged) => `gate ${judged.gate} is ${judged.state}: ${toldOf(judged)}`),
    children: [
      ...(titles.length === 0 ? [line("nothing to do")] : titles),
      ...(titles.length === 0 ? [] : [wayBackNode(plan)]),
    ],
  };
}

function wayBackNode({ from, wayBack }: Plan): TraceNode {
  const { operations, impossible } = wayBack;
  const otherwise = from === null ? ": stop what was started" : ": nothing of what runs is touched";
  return {
    title: `where one of them fails, the way back${operations.length === 0 ? otherwise : ""}`,
    lines: impossible.map((reason) => `impossible: ${reason}`),
    children: operations.map((operation, index) => line(`${String(index + 1)}. ${titleOf(operation)}`)),
  };
}

function line(title: string): TraceNode {
  return { title, lines: [], children: [] };
}
