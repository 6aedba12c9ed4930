import { nothingAround, type Around, type TraceNode } from "./text.ts";
import type { Trace, TraceStep } from "./trace.ts";

/** The trace as a Mermaid flowchart: an arrow for each result that is used, a dotted line for each service. */
export function traceMermaid({ steps, effects }: Trace, { before, after }: Around = nothingAround): string {
  const lines = [
    "flowchart TD",
    ...before.flatMap((node, index) => nodeLines(node, `b${String(index + 1)}`)),
  ];
  for (const step of steps) lines.push(`  s${String(step.number)}["${labelOf(step)}"]`);
  for (const { number, after } of steps)
    for (const before of after) lines.push(`  s${String(before)} --> s${String(number)}`);
  const services = new Map<string, string>();
  for (const { number, services: bound } of steps) {
    for (const { alias, what } of bound) {
      const key = `${alias}: ${what}`;
      const id = services.get(key) ?? `v${String(services.size + 1)}`;
      if (!services.has(key)) lines.push(`  ${id}(["${escape(key)}"])`);
      services.set(key, id);
      lines.push(`  ${id} -.- s${String(number)}`);
    }
  }
  for (const [index, { kind, to, after }] of effects.entries()) {
    lines.push(`  e${String(index + 1)}[/"${escape(`${kind} ${to}`)}"/]`);
    for (const before of after) lines.push(`  s${String(before)} --> e${String(index + 1)}`);
  }
  lines.push(...after.flatMap((node, index) => nodeLines(node, `a${String(index + 1)}`)));
  return `${lines.join("\n")}\n`;
}

/** What is in it, one after the other. */
function nodeLines({ title, children }: TraceNode, id: string): readonly string[] {
  return [
    `  ${id}["${escape(title)}"]`,
    ...children.flatMap((child, index) => [
      ...nodeLines(child, `${id}_${String(index + 1)}`),
      `  ${index === 0 ? id : `${id}_${String(index)}`} --> ${id}_${String(index + 1)}`,
    ]),
  ];
}

function labelOf({ number, place, command, image }: TraceStep): string {
  const [first = ""] = (place ?? command).split("\n");
  const text = first.length > 80 ? `${first.slice(0, 77)}...` : first;
  return `${String(number)} ${escape(text)}<br/>${escape(image ?? "no image")}`;
}

function escape(text: string): string {
  return text
    .replaceAll("#", "#35;")
    .replaceAll('"', "#quot;")
    .replaceAll("<", "#lt;")
    .replaceAll(">", "#gt;")
    .replaceAll("\n", " ");
}
