import { visible, visibleLines } from "../../../model/visible.ts";
import { list, markup, type Markup, table } from "../../markup.ts";
import { pageHtml } from "../../page.ts";
import { countsText, liveCodeText, type MigrationsReport } from "../reviewed.ts";
import { findingsOf } from "./findings.ts";
import { measuredTables } from "./measured.ts";
import { lockPictures } from "./pictures.ts";
import { style } from "./style.ts";

type Verdict = MigrationsReport["verdict"];

const titles: Readonly<Record<Verdict, string>> = {
  pass: "Nothing is in the way",
  fail: "Do not run them as they are",
  insufficient: "A person has to decide",
};
const tones: Readonly<Record<Verdict, string>> = { pass: "good", fail: "bad", insufficient: "warn" };

/** The review as one page that needs nothing else, no network and no script: findings, and the locks over time. */
export function migrationsHtml(report: MigrationsReport): string {
  const { verdict, summary, migrations, locks } = report;
  return pageHtml({
    title: `Migrations: ${titles[verdict]}`,
    kind: "Migrations",
    heading: titles[verdict],
    lead: visible(summary),
    badges: badges(report),
    main: markup`${report.notes.map((note) => markup`<p class="note">${visible(note)}</p>`)}
${migrations.length + report.applied.length === 0 ? "" : markup`<section><h2>What was looked at</h2>${overview(report)}</section>`}
${evidence(report)}
${lockPictures(migrations, locks)}
${findingsOf(migrations)}
${locks === undefined ? "" : measuredTables(locks)}`,
    footer: markup`What a rule is about: <code>${visible(report.command)} migrations --explain RULE</code>. The same as a value: <code>--format json</code>.`,
    style,
  });
}

function badges({ verdict, migrations, locks }: MigrationsReport): readonly Markup[] {
  const counts = countsText(migrations.flatMap(({ findings }) => findings));
  const count = `${String(migrations.length)} ${migrations.length === 1 ? "migration" : "migrations"}`;
  return [
    badge(tones[verdict], verdict === "fail" ? "failed" : verdict),
    badge("", `${count} to come`),
    ...(counts === "" ? [] : [badge("", counts)]),
    badge("", locks === undefined ? "locks not measured" : "locks measured"),
  ];
}

function badge(tone: string, words: string): Markup {
  return markup`<span class="badge ${tone}">${words}</span>`;
}

function overview({ migrations, applied, places }: MigrationsReport): Markup {
  const placeOf = (name: string) => visible(places.get(name) ?? "");
  return filledTable(
    ["Migration", "Phase", "Live code", "Found", "Applied"],
    [
      ...applied.map(({ name, phase }) => [
        markup`<code>${visible(name)}</code>`,
        phase,
        "",
        "",
        placeOf(name),
      ]),
      ...migrations.map((migration) => [
        markup`<code>${visible(migration.name)}</code>`,
        migration.phase,
        liveCodeText(migration),
        countsText(migration.findings),
        placeOf(migration.name),
      ]),
    ],
  );
}

/** Without the columns in which no row says anything. */
function filledTable(heads: readonly string[], rows: readonly (readonly (Markup | string)[])[]): Markup {
  const isFilled = (at: number) => rows.some((row) => row[at] !== "");
  return table(
    heads.filter((_, at) => isFilled(at)),
    rows.map((row) => row.filter((_, at) => isFilled(at)).map((content) => markup`<td>${content}</td>`)),
  );
}

/** What was asked beside the review: drift, a rehearsal, the limit of locks. */
function evidence({ evidence: all }: MigrationsReport): Markup | string {
  const others = all.filter(({ name }) => name !== "migrations");
  if (others.length === 0) return "";
  const items = others.map((entry) => {
    const details = entry.details === undefined ? "" : markup`<pre>${visibleLines(entry.details)}</pre>`;
    const missing = entry.verdict === "insufficient" ? markup`<p>${visible(entry.missing)}</p>` : "";
    return markup`<b class="${tones[entry.verdict]}">${visible(entry.name)}</b>: ${visible(entry.summary)}${details}${missing}`;
  });
  return markup`<section><h2>What was asked besides</h2>${list(items)}</section>`;
}
