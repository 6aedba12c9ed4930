import type { LockForecast, ReviewedMigration } from "../../../database/database.ts";
import { visible } from "../../../model/visible.ts";
import { list, markup, type Markup } from "../../markup.ts";
import { type Bar, type Lane, type Row, type Timeline, timelinesOf } from "./timeline.ts";

/** The locks of each migration: over time where they were measured, else in their order. */
export function lockPictures(
  migrations: readonly ReviewedMigration[],
  locks: LockForecast | undefined,
): Markup | string {
  const timelines = timelinesOf(migrations, locks);
  if (timelines.length === 0) return "";
  return markup`<section class="locks"><h2>Locks${timelines.some(({ isMeasured }) => isMeasured) ? " over time" : ", in their order"}</h2>
${legend(timelines)}
${timelines.map(picture)}</section>`;
}

function legend(timelines: readonly Timeline[]): Markup {
  const isMeasured = timelines.some((timeline) => timeline.isMeasured);
  const kinds = new Set(
    timelines.flatMap(({ rows }) =>
      rows.flatMap(({ lanes }) => lanes.flatMap(({ bars }) => bars.map(({ kind }) => kind))),
    ),
  );
  const entry = (classes: string, words: string) =>
    markup`<span><i class="key ${classes}"></i>${words}</span>`;
  return markup`<p class="legend">
${entry("sure both", "readers and writers wait")}${entry("sure writes", "writers wait")}${entry("sure nobody", "nobody waits")}
${kinds.has("may") ? entry("may both", "up to so long") : ""}${kinds.has("kept") ? entry("kept both", "kept until the file has ended") : ""}${kinds.has("unknown") ? entry("unknown", "insufficient: how long is not known") : ""}
</p>
<p class="lead">${
    isMeasured
      ? "Forecast for the real tables from measurements at three sizes. Each statement is drawn after the longest that those before it may take; waiting for others before a lock is given is not in it."
      : "How long each is held was not measured: every statement is as wide as the others. With --measure this is a timeline."
  }</p>`;
}

function picture({ path, isMeasured, title, rows, ticks, held }: Timeline): Markup {
  const order = isMeasured ? "" : " ordered";
  return markup`<figure class="timeline${order}"><figcaption>${visible(path)}<small>${visible(title)}</small></figcaption>
${held.length === 0 ? "" : list(held.map(({ text, tone }) => markup`<span class="tone ${tone}">${visible(text)}</span>`))}
<ol class="statements">${rows.map(statement)}</ol>
${axis(ticks)}</figure>
`;
}

function statement({ line, sql, takes, doubt, lanes }: Row): Markup {
  const figure = doubt === "" ? "" : " none";
  return markup`<li><div class="said"><b>line ${String(line)}</b><code>${shortened(visible(sql))}</code><span class="takes${figure}">${takes}</span></div>
${lanes.map(lane)}${doubt === "" ? "" : markup`<p class="doubt">insufficient: ${visible(doubt)}</p>`}</li>
`;
}

const longest = 220;

function shortened(text: string): string {
  return text.length <= longest ? text : `${text.slice(0, longest)}…`;
}

function lane({ mode, table, who, tone, bars }: Lane): Markup {
  const lock = mode === "" ? "" : markup`<b>${mode}</b> ${visible(table)}<br>`;
  return markup`<div class="lane"><span class="lock">${lock}<span class="tone ${tone}">${who}</span></span><span class="track" aria-hidden="true">${bars.map((one) => bar(one, tone))}</span></div>
`;
}

function bar({ kind, from, width }: Bar, tone: Lane["tone"]): Markup {
  return markup`<i class="${kind} ${tone}" style="left:${percent(from)};width:${percent(width)}"></i>`;
}

function axis(ticks: Timeline["ticks"]): Markup | string {
  if (ticks.length === 0) return "";
  const marks = ticks.map(({ at, label }) => markup`<span style="left:${percent(at)}">${label}</span>`);
  return markup`<div class="lane axis"><span class="lock">time</span><span class="track">${marks}</span></div>`;
}

function percent(value: number): string {
  return `${String(Math.round(value * 100) / 100)}%`;
}
