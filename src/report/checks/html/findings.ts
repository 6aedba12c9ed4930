import { deadlineText, packageText, placesOf, toolsOf, webAddress } from "../../../findings/findings.ts";
import type { JudgedFinding } from "../../../model/finding.ts";
import { visible, visibleLines } from "../../../model/visible.ts";
import { markup, type Markup } from "../../markup.ts";
import { toolNames, treatmentWords } from "./filters.ts";

const tones = { block: "bad", warn: "warn", old: "", track: "", suppressed: "" } as const;

/** All of them; what the filters go by stands in attributes. */
export function findingsList(findings: readonly JudgedFinding[]): Markup {
  const names = toolNames(findings);
  const numbers = new Map(names.map((name, at) => [name, String(at)]));
  return markup`<ol id="findings">
${findings.map((finding) =>
  item(
    finding,
    toolsOf(finding).map((name) => numbers.get(name) ?? ""),
  ),
)}</ol>
`;
}

function item(finding: JudgedFinding, tools: readonly string[]): Markup {
  const { severity, treatment, rule, title, package: affected, locations, deadline } = finding;
  const standing = deadline === undefined ? treatmentWords[treatment] : deadlineText(deadline);
  const [first = ""] = placesOf(finding, 1);
  const more = locations.length > 1 ? ` and ${String(locations.length - 1)} more` : "";
  return markup`<li data-severity="${severity}" data-treatment="${treatment}" data-tools="${tools.join(" ")}">
<p class="finding"><span class="badge ${tones[treatment]}">${severity}</span> <b>${visible(title)}</b> <code>${visible(rule)}</code> <span class="treatment">${standing}</span></p>
<p class="place">${visible(first)}${more}${affected === undefined ? "" : markup` <b>${visible(packageText(affected, finding.kind))}</b>`}</p>
<details><summary>More</summary>${details(finding)}</details></li>
`;
}

function details(finding: JudgedFinding): Markup {
  const { message, title, locations, aliases, weaknesses, witnesses, help, because } = finding;
  const snippet = locations.find((location) => location.snippet !== undefined)?.snippet;
  const seen = witnesses.map(({ tool, version = "", rule }) => `${tool} ${version} (${rule})`);
  const rows: readonly (readonly [string, Markup | string])[] = [
    ["Where", locations.length > 1 ? visible(placesOf(finding, 50).join(", ")) : ""],
    ["Also known as", visible(aliases.join(", "))],
    ["Weakness", visible(weaknesses.join(", "))],
    ["Found by", visible(seen.join(", "))],
    ["Why so", visible(because ?? "")],
    ["More", help === undefined ? "" : link(help)],
  ];
  return markup`${message === title ? "" : markup`<p class="message">${visibleLines(message)}</p>`}${snippet === undefined ? "" : markup`<pre>${visibleLines(snippet)}</pre>`}
<dl>${rows.filter(([, text]) => text !== "").map(([name, text]) => markup`<dt>${name}</dt><dd>${text}</dd>`)}</dl>`;
}

/** A tool may name anything: only a page of the web is a link. */
function link(address: string): Markup {
  const page = webAddress(address);
  if (page === undefined) return markup`${visible(address)}`;
  return markup`<a href="${page}" rel="noreferrer noopener">${visible(page)}</a>`;
}
