import {
  bytesText,
  countText,
  durationText,
  estimateText,
  rangeText,
  type Forecast,
  type LockForecast,
  type MeasuredStatement,
} from "../../../database/database.ts";
import { visible } from "../../../model/visible.ts";
import { markup, type Markup, table } from "../../markup.ts";

/** The figures that the forecast is made of. */
export function measuredTables({ measured, statements, sizes }: LockForecast): Markup {
  const { server, tables } = measured;
  const lacks = [
    ...(server.fsync ? [] : ["the time of a disk (fsync is off)"]),
    ...(server.fullPageWrites ? [] : ["WAL's images of pages (full_page_writes is off)"]),
  ];
  const known = Object.entries(sizes.tables).filter(([name]) => tables.some((one) => one.table === name));
  const rows = known.map(([name, count]) => `${name} ${countText(count)}`).join(", ");
  return markup`<section class="measured"><h2>What was measured</h2>
<p>On PostgreSQL ${server.version}, with tables of ${measured.sizes.map(countText).join(", ")} synthetic rows.${lacks.length === 0 ? "" : ` Not in the figures: ${lacks.join(", ")}.`}</p>
<p>Rows of the real tables: ${rows === "" ? "not known" : visible(rows)}.</p>
${tables.map(({ table: name, problem }) => (problem === null ? "" : markup`<p class="note">${visible(`${name} could not be filled: ${problem}`)}</p>`))}
${measured.statements.map((statement, at) => figures(statement, statements[at]))}</section>`;
}

function figures(statement: MeasuredStatement, forecast: Forecast | undefined): Markup | string {
  const { path, line, samples, rewrites, problem } = statement;
  if (forecast === undefined) return "";
  const rows = samples.map((sample) => [
    countText(sample.rows),
    rangeText(Math.min(...sample.durationsMs), Math.max(...sample.durationsMs), durationText),
    rangeText(Math.min(...sample.walBytes), Math.max(...sample.walBytes), bytesText),
    waited(sample, "reads"),
    waited(sample, "writes"),
  ]);
  const expected = [
    forecast.rows === null ? "the real table" : `~ ${countText(forecast.rows)}`,
    estimateText(forecast.durationMs, durationText),
    estimateText(forecast.walBytes, bytesText),
    estimateText(forecast.readsWaitMs, durationText),
    estimateText(forecast.writesWaitMs, durationText),
  ];
  const cells = (row: readonly string[], mark: (text: string) => Markup | string) =>
    row.map((text) => markup`<td>${mark(text)}</td>`);
  const content =
    problem === null
      ? table(
          ["Rows", "Duration", "WAL", "Reads wait", "Writes wait"],
          [
            ...rows.map((row) => cells(row, (text) => text)),
            cells(expected, (text) => markup`<b>${text}</b>`),
          ],
        )
      : markup`<p>${visible(problem)}</p>`;
  return markup`<details><summary>${visible(path)}:${String(line)}${rewrites.length === 0 ? "" : ` rewrites ${visible(rewrites.join(", "))}`}</summary>
${content}</details>
`;
}

function waited({ waits }: MeasuredStatement["samples"][number], who: "reads" | "writes"): string {
  const blocked = waits.filter(({ probe, blocked: count }) => probe === who && count > 0);
  return blocked.length === 0 ? "-" : durationText(Math.max(...blocked.map(({ maxMs }) => maxMs)));
}
