import type { Plan } from "../model/plan.ts";
import { titleOf } from "../release/apply/apply.ts";
import { indent, table } from "./text.ts";

/** A plan as a person wants to read it: what runs now, what would run, each step, and the way back. */
export function planText(plan: Plan, hash: string): string {
  const from = plan.from === null ? "nothing" : plan.from.version;
  const lines = [`${plan.environment}: ${from} -> ${plan.release.version}`, `plan ${hash}`];
  lines.push(
    "",
    "images",
    indent(table(plan.release.services.map((service) => [service.name, service.image]))),
  );
  if (plan.standIns.length > 0) {
    lines.push("", "built on stand-ins (may run on this machine only)", indent(plan.standIns.join("\n")));
  }
  lines.push("", "steps", indent(numbered(plan.operations.map(titleOf))));
  const back =
    plan.wayBack.operations.length === 0
      ? "stop what was started: nothing was live before"
      : numbered(plan.wayBack.operations.map(titleOf));
  const impossible = plan.wayBack.impossible.map((what) => `impossible: ${what}`);
  lines.push("", "way back", indent([back, ...impossible].join("\n")));
  return lines.join("\n");
}

function numbered(titles: readonly string[]): string {
  if (titles.length === 0) return "nothing to do";
  return titles.map((title, index) => `${String(index + 1)}. ${title}`).join("\n");
}
