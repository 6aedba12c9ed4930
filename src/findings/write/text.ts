import { visible } from "../../model/visible.ts";
import { deadlineText, momentText } from "../deadlines/deadlines.ts";
import { type Finding, type JudgedFinding, severities } from "../../model/finding.ts";

/** `2 critical, 1 high; 3 told, 4 tracked, 1 suppressed`, and `nothing found` where there is nothing. */
export function findingsSummary(findings: readonly JudgedFinding[]): string {
  if (findings.length === 0) return "nothing found";
  const { block = [], ...others } = Object.groupBy(findings, ({ treatment }) => treatment);
  const [pending = [], warn = []] = [true, false].map((due) =>
    others.warn?.filter(({ deadline }) => (deadline !== undefined) === due),
  );
  const bySeverity = Object.groupBy(block, ({ severity }) => severity);
  const grave = severities.flatMap((severity) => counted(bySeverity[severity], severity));
  const rest = (["warn", "old", "track", "suppressed"] as const).flatMap((treatment) =>
    counted(treatment === "warn" ? warn : others[treatment], words[treatment]),
  );
  return [grave.join(", "), [...dueText(pending), ...rest].join(", ")]
    .filter((part) => part !== "")
    .join("; ");
}

/** Of several days, the first. */
function dueText(findings: readonly JudgedFinding[]): string[] {
  const [first] = findings.flatMap(({ deadline }) => deadline?.until ?? []).sort();
  return first === undefined
    ? []
    : [
        `${String(findings.length)} to be fixed${findings.length === 1 ? "" : ", the first"} by ${momentText(first)}`,
      ];
}

function counted(findings: readonly Finding[] = [], word: string): string[] {
  return findings.length === 0 ? [] : [`${String(findings.length)} ${word}`];
}

const words = { warn: "to look at", old: "old", track: "tracked", suppressed: "suppressed" } as const;

/** A finding a block of lines, gravest first; what tools wrote cannot command a terminal. */
export function findingsText(findings: readonly JudgedFinding[], most = 50): string {
  const shown = findings.slice(0, most).map(findingText);
  const more = findings.length - shown.length;
  return [
    ...shown,
    ...(more > 0 ? [`and ${String(more)} more: check --format json has all of them`] : []),
  ].join("\n");
}

function findingText(finding: JudgedFinding): string {
  const { kind, severity, rule, title, package: affected, help, deadline } = finding;
  const where = placesOf(finding, 3).join(", ");
  const tools = toolsOf(finding).join(", ");
  const lines = [
    `${severity.padEnd(8)} ${visible(title)}${title === rule ? "" : ` (${visible(rule)})`}`,
    ...(where === "" ? [] : [`at ${visible(where)}`]),
    ...(affected === undefined ? [] : [visible(packageText(affected, kind))]),
    ...(deadline === undefined ? [] : [deadlineText(deadline)]),
    `found by ${visible(tools)}${help === undefined ? "" : `: ${visible(help)}`}`,
  ];
  return lines.join("\n         ");
}

/** `src/a.ts:3`, `usr/lib/b in the image of api`; the last one counts those that are left out. */
export function placesOf({ locations }: Pick<Finding, "locations">, most: number): string[] {
  const places = locations.slice(0, most).map(({ path, line, image }) => {
    const place = line === undefined ? path : `${path}:${String(line)}`;
    return image === undefined ? place : `${place} in the image of ${image}`;
  });
  const more = locations.length - places.length;
  return more > 0 ? [...places, `${String(more)} more`] : places;
}

export function toolsOf({ witnesses }: Pick<Finding, "witnesses">): string[] {
  return [...new Set(witnesses.map(({ tool }) => tool))];
}

/** Of a vulnerable one, also what helps. */
export function packageText(
  { name, versions, fixed }: NonNullable<Finding["package"]>,
  kind: Finding["kind"],
): string {
  const found = [name, versions.join(", ")].join(" ").trim();
  if (kind !== "vulnerability") return found;
  return `${found}; ${fixed.length === 0 ? "no fixed version is known" : `fixed in ${fixed.join(", ")}`}`;
}
