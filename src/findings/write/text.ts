import { visible } from "../../model/visible.ts";
import type { Finding } from "../../model/finding.ts";
import { type FindingPolicy, treatmentOf } from "../policy/policy.ts";

/** `2 critical, 1 high; 3 told, 4 tracked, 1 suppressed`, and `nothing found` where there is nothing. */
export function findingsSummary(findings: readonly Finding[], policy: FindingPolicy): string {
  if (findings.length === 0) return "nothing found";
  const of = (treatment: ReturnType<typeof treatmentOf>) =>
    findings.filter((finding) => treatmentOf(finding, policy) === treatment);
  const blocking = of("block");
  const grave = (["critical", "high", "medium", "low", "info"] as const).flatMap((severity) => {
    const count = blocking.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [`${String(count)} ${severity}`];
  });
  const others = (["warn", "track", "suppressed"] as const).flatMap((treatment) => {
    const count = of(treatment).length;
    return count === 0 ? [] : [`${String(count)} ${words[treatment]}`];
  });
  return [grave.join(", "), others.join(", ")].filter((part) => part !== "").join("; ");
}

const words = { warn: "to look at", track: "tracked", suppressed: "suppressed" } as const;

/** A finding a block of lines, gravest first; what tools wrote cannot command a terminal. */
export function findingsText(findings: readonly Finding[], most = 50): string {
  const shown = findings.slice(0, most).map(findingText);
  const more = findings.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${String(more)} more: --format json has all of them`] : [])].join(
    "\n",
  );
}

function findingText({
  severity,
  rule,
  title,
  locations,
  package: affected,
  witnesses,
  help,
}: Finding): string {
  const places = locations.slice(0, 3).map(({ path, line, image }) => {
    const place = line === undefined ? path : `${path}:${String(line)}`;
    return image === undefined ? place : `${place} in the image of ${image}`;
  });
  const more = locations.length - places.length;
  const where = [...places, ...(more > 0 ? [`${String(more)} more`] : [])].join(", ");
  const tools = [...new Set(witnesses.map(({ tool }) => tool))].join(", ");
  const lines = [
    `${severity.padEnd(8)} ${visible(title)}${title === rule ? "" : ` (${visible(rule)})`}`,
    ...(where === "" ? [] : [`at ${visible(where)}`]),
    ...(affected === undefined ? [] : [visible(packageText(affected))]),
    `found by ${visible(tools)}${help === undefined ? "" : `: ${visible(help)}`}`,
  ];
  return lines.join("\n         ");
}

function packageText({ name, versions, fixed }: NonNullable<Finding["package"]>): string {
  const found = [name, versions.join(", ")].join(" ").trim();
  return `${found}; ${fixed.length === 0 ? "no fixed version is known" : `fixed in ${fixed.join(", ")}`}`;
}
