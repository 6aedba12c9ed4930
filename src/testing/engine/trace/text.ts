import type { Trace, TraceEffect, TraceStep } from "./trace.ts";

/** Something beside steps and effects; what is in it comes in this order. */
export interface TraceNode {
  readonly title: string;
  readonly lines: readonly string[];
  readonly children: readonly TraceNode[];
}

/** What stands around a trace. */
export interface Around {
  readonly before: readonly TraceNode[];
  readonly after: readonly TraceNode[];
}

export const nothingAround: Around = { before: [], after: [] };

/** The trace as a tree: what runs after what, what at once, and of each step what the one before it had not. */
export function traceText(trace: Trace, { before, after }: Around = nothingAround): string {
  const stages = Map.groupBy(trace.steps, ({ stage }) => stage);
  const nodes = [...stages.values()].flatMap((steps): TraceNode[] => {
    const each = steps.map((step) => stepNode(step, trace));
    return each.length < 2 ? each : [{ title: "at once", lines: [], children: each }];
  });
  const all = [...before, ...nodes, ...trace.effects.map(effectNode), ...after];
  return all.length === 0 ? "nothing\n" : `${render(all, "").join("\n")}\n`;
}

function stepNode(step: TraceStep, trace: Trace): TraceNode {
  const own = linesOf(step);
  const before = trace.steps.find(({ number }) => number === step.continues);
  const known = before === undefined ? [] : linesOf(before);
  const variables = step.variables.filter((name) => before?.variables.includes(name) !== true);
  const lines = [
    ...own.filter((line) => !known.includes(line)),
    ...known.filter((line) => !own.includes(line)).map((line) => `no longer: ${line}`),
    ...(variables.length === 0 ? [] : [`with ${variables.join(", ")}`]),
    ...step.copies.map(({ path, what }) => `${path}: a copy of ${what}`),
  ];
  const after = step.after.length === 0 ? "" : ` (after ${step.after.join(", ")})`;
  const title = `${String(step.number)} ${oneLine(step.place ?? step.command)}${after}`;
  return { title, lines, children: [] };
}

function linesOf(step: TraceStep): readonly string[] {
  return [
    step.image === null ? "no image" : `in ${step.image}`,
    ...(step.user === undefined ? [] : [`as ${step.user}`]),
    ...(step.workdir === undefined ? [] : [`at ${step.workdir}`]),
    ...step.mounts.map(({ path, what }) => `${path}: ${what}`),
    ...step.secrets.map(({ as, secret }) => `${as}: secret ${secret}`),
    ...step.services.map(({ alias, what }) => `service ${alias}: ${what}`),
  ];
}

function effectNode({ kind, to, what }: TraceEffect): TraceNode {
  return { title: `${kind} ${to} from ${what}`, lines: [], children: [] };
}

function render(nodes: readonly TraceNode[], indent: string): readonly string[] {
  return nodes.flatMap(({ title, lines, children }, index) => {
    const isLast = index === nodes.length - 1;
    const below = `${indent}${isLast ? "   " : "│  "}`;
    return [
      `${indent}${isLast ? "└─ " : "├─ "}${title}`,
      ...lines.map((line) => `${below}   ${oneLine(line)}`),
      ...render(children, below),
    ];
  });
}

/** A script of many lines by the first that says something. */
function oneLine(text: string): string {
  const lines = text.trim().split("\n");
  if (lines.length === 1) return text.trim();
  const [first = "", second = ""] = lines.map((line) => line.trim()).filter((line) => line !== "");
  const saying = /^(\/\/|#) /.test(second) ? `${first.trim()} '${second}` : first;
  return `${saying} ... (${String(lines.length)} lines)`;
}
