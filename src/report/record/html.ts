import type { ChangeOutcome, ChangeRecord } from "./change.ts";
import { list, markup, type Markup } from "../markup.ts";
import { riskText, type RiskLevel } from "./risk.ts";
import { sections } from "./sections.ts";
import { recordDigest } from "./statement.ts";
import { pageHtml } from "../page.ts";
import { commitRange, headline, outcomeLine, utc, visible } from "./words.ts";

/** A change record as one page that needs nothing else: to read, to print, to keep. */
export function recordHtml(record: ChangeRecord): string {
  return pageHtml({
    title: visible(`Change ${record.change}`),
    kind: "Change record",
    heading: visible(record.change),
    lead: headline(record),
    badges: badges(record),
    main: markup`${notes(record)}
${facts(record)}
<section><h2>Risk</h2>${risk(record)}</section>
${sections(record)}`,
    footer: markup`This page is a view of the record with the digest <code>${recordDigest(record)}</code>.
The record itself is its JSON form; <code>verify --record</code> checks that against the ledger.`,
  });
}

const outcomeTone: Readonly<Record<ChangeOutcome, string>> = {
  succeeded: "good",
  "rolled back": "warn",
  failed: "bad",
  interrupted: "bad",
  "in review": "warn",
  "not ended": "warn",
};

const riskTone: Readonly<Record<RiskLevel, string>> = { low: "good", medium: "warn", high: "bad" };

function badges({ outcome, risk: { level }, emergency }: ChangeRecord): readonly Markup[] {
  const all = [badge(outcomeTone[outcome], outcome), badge(riskTone[level], `${level} risk`)];
  return emergency === null ? all : [...all, badge("bad", "emergency")];
}

function badge(tone: string, words: string): Markup {
  return markup`<span class="badge ${tone}">${words}</span>`;
}

/** What a reader must not miss. */
function notes({ message, emergency, plan: { standIns } }: ChangeRecord): readonly Markup[] {
  const said: Markup[] = [];
  if (emergency !== null) {
    const passed = emergency.passedBy.length === 0 ? "no gate" : emergency.passedBy.join(", ");
    const what = `Emergency ${emergency.ticket}: ${emergency.reason}. Passed by: ${passed}.`;
    said.push(markup`<p class="note bad">${visible(what)}</p>`);
  }
  if (message !== null) said.push(markup`<p class="note">${visible(message)}</p>`);
  if (standIns.length > 0) {
    said.push(markup`<p class="note">${visible(`Built on stand-ins: ${standIns.join("; ")}`)}</p>`);
  }
  return said;
}

function facts(record: ChangeRecord): Markup {
  const { commit, branch } = record.release;
  const all: readonly (readonly [string, Markup | string])[] = [
    ["Environment", visible(record.environment)],
    ["Pipeline", visible(record.pipeline)],
    ["Outcome", outcomeLine(record)],
    ["By", visible(record.actor)],
    ["Started", utc(record.startedAt)],
    ["Ended", utc(record.endedAt)],
    ["Reason", visible(record.reason ?? "")],
    [
      "Commit",
      markup`<code>${visible(commit)}</code>${branch === null ? "" : ` ${visible(`on ${branch}`)}`}`,
    ],
    ["Commits", commitRange(record)],
    ["Plan", markup`<code>${visible(record.planHash)}</code>`],
  ];
  const known = all.filter(([, value]) => value !== "");
  return markup`<dl>${known.map(([name, value]) => markup`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}

function risk({ risk: { reasons } }: ChangeRecord): Markup {
  if (reasons.length === 0) return markup`<p>Low: no rule raises it.</p>`;
  return list(
    reasons.map(
      (reason) =>
        markup`<b class="${riskTone[reason.level]}">${reason.level}</b> ${visible(riskText(reason))}`,
    ),
  );
}
