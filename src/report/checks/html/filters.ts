import { toolsOf } from "../../../findings/findings.ts";
import { severities, treatments, type JudgedFinding } from "../../../model/finding.ts";
import { visible } from "../../../model/visible.ts";
import { markup, type Markup } from "../../markup.ts";

export const treatmentWords = {
  block: "blocks",
  warn: "to look at",
  old: "old",
  track: "tracked",
  suppressed: "suppressed",
} as const;

/** The tools of findings, in the order by which the page numbers them. */
export function toolNames(findings: readonly JudgedFinding[]): string[] {
  return [...new Set(findings.flatMap(toolsOf))].sort();
}

/** Hidden until the script shows it, since it does nothing without. */
export function filters(findings: readonly JudgedFinding[]): Markup {
  const { treatment, severity } = {
    treatment: treatments.filter((one) => findings.some((finding) => finding.treatment === one)),
    severity: severities.filter((one) => findings.some((finding) => finding.severity === one)),
  };
  return markup`<form id="filters" hidden>
<label class="search">Text <input type="search" name="text" autocomplete="off" placeholder="rule, file, package ..."></label>
${group(
  "Treatment",
  "treatment",
  treatment.map((one) => [one, treatmentWords[one]]),
)}
${group(
  "Severity",
  "severity",
  severity.map((one) => [one, one]),
)}
${group(
  "Tool",
  "tool",
  toolNames(findings).map((name, at) => [String(at), visible(name)]),
)}
<p class="count"><output id="count" aria-live="polite"></output> <button type="reset">Show all</button></p>
</form>
`;
}

function group(title: string, name: string, choices: readonly (readonly [string, string])[]): Markup {
  const boxes = choices.map(
    ([value, text]) =>
      markup`<label><input type="checkbox" name="${name}" value="${value}" checked> ${text}</label> `,
  );
  return markup`<fieldset><legend>${title}</legend>${boxes}</fieldset>`;
}
