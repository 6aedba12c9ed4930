import { bounded } from "../../../findings/findings.ts";
import type { Evidence } from "../../../model/evidence.ts";
import { visible, visibleLines } from "../../../model/visible.ts";
import { markup, type Markup, table } from "../../markup.ts";
import { pageHtml } from "../../page.ts";
import { duration } from "../../text.ts";
import { countsText, findingsOf, isTheFindings, isTold, verdictOf, type CheckReport } from "../report.ts";
import { filters } from "./filters.ts";
import { findingsList } from "./findings.ts";
import { script, scriptPolicy } from "./script.ts";
import { style } from "./style.ts";

/** Characters of what one check printed. */
const mostOutput = 100_000;

const titles = {
  pass: "Every check passed",
  fail: "A check failed",
  insufficient: "A check could not be settled",
} as const;
const tones = { pass: "good", fail: "bad", insufficient: "warn" } as const;
const words = { pass: "passed", fail: "failed", insufficient: "not settled" } as const;

/** A check as one page that needs nothing else and no network. Its script only filters: without it, everything is listed. */
export function checkHtml(report: CheckReport): string {
  const { evidence, command } = report;
  const verdict = verdictOf(report);
  const findings = findingsOf(report);
  return pageHtml({
    title: titles[verdict],
    kind: "Check",
    heading: titles[verdict],
    badges: [
      markup`<span class="badge ${tones[verdict]}">${words[verdict]}</span>`,
      ...countBadges(report, findings.length),
    ],
    main: markup`<section><h2>What was checked</h2>${overview(evidence)}</section>
${evidence.filter((entry) => isTold(entry) && !isTheFindings(entry)).map(section)}
<section><h2>Findings</h2>
${findings.length === 0 ? markup`<p>None.</p>` : markup`${filters(findings)}${findingsList(findings)}`}</section>`,
    footer: markup`One check alone: <code>${visible(command)} check --only NAME</code>. The same as a value: <code>--format json</code>.`,
    style,
    script: { text: script, policy: scriptPolicy() },
  });
}

function countBadges(report: CheckReport, found: number): readonly Markup[] {
  return [countsText(report), `${String(found)} ${found === 1 ? "finding" : "findings"}`]
    .filter((text) => text !== "")
    .map((text) => markup`<span class="badge">${text}</span>`);
}

function overview(evidence: readonly Evidence[]): Markup {
  if (evidence.length === 0) return markup`<p>Nothing to check.</p>`;
  return table(
    ["", "Check", "Time", "What"],
    evidence.map(({ name, verdict, summary, cached, durationMs }) => [
      markup`<td class="state ${tones[verdict]}">${words[verdict]}</td>`,
      markup`<td><code>${visible(name)}</code></td>`,
      markup`<td class="time">${cached === true ? "cached" : duration(durationMs)}</td>`,
      markup`<td>${visible(summary)}</td>`,
    ]),
  );
}

/** What it says beside its findings; those of a pass are listed below. */
function section(entry: Evidence): Markup | string {
  const { name, verdict, summary, findings } = entry;
  if (verdict === "pass" && findings !== undefined) return "";
  const output =
    entry.details === undefined ? "" : markup`<pre>${visibleLines(bounded(entry.details, mostOutput))}</pre>`;
  return markup`<section><h2>${visible(name)} <span class="${tones[verdict]}">${words[verdict]}</span></h2>
<p>${visible(summary)}</p>${output}${next(entry)}</section>
`;
}

function next(entry: Evidence): Markup | string {
  switch (entry.verdict) {
    case "pass":
      return "";
    case "fail":
      return markup`<p>Again: <code>${visible(bounded(entry.repeat, 2_000))}</code></p>`;
    case "insufficient":
      return markup`<p>Missing: ${visible(bounded(entry.missing, 2_000))}</p>`;
  }
}
