import type { Estimate } from "./extrapolate.ts";
import type { Forecast } from "./forecast.ts";
import type { LockForecast } from "./lock-forecast.ts";
import { blocks } from "../lock-modes.ts";
import type { LockTaken, MeasuredLocks, MeasuredStatement, Sample } from "./measured.ts";
import type { HeldLock, Span, TransactionForecast } from "./transactions.ts";
import { bytesText, countText, durationText } from "./units.ts";

const width = 98;

/** What was measured and what is to be expected, statement by statement; no line is longer than 98 columns. */
export function measuredLocksText({ measured, statements, transactions }: LockForecast): string {
  const told = measured.statements.flatMap((statement, at) => {
    const forecast = statements[at];
    const next = measured.statements[at + 1];
    const isLast = next?.path !== statement.path || next.nth !== statement.nth;
    const whole = transactions.find(({ path, nth }) => path === statement.path && nth === statement.nth);
    return [
      ...(forecast === undefined ? [] : statementLines(statement, forecast)),
      ...(isLast && whole !== undefined && whole.lines.length > 1 ? transactionLines(whole) : []),
    ];
  });
  return [...headLines(measured, statements), ...told].join("\n");
}

function transactionLines({ path, lines, durationMs, held }: TransactionForecast): string[] {
  const count = `${String(lines.length)} statements`;
  return [
    "",
    shortened(`${path} as one transaction`, width),
    ...labelled(
      "takes",
      `${spanText(durationMs)}: its ${count} are sent at once, and each lock is kept to the end`,
    ),
    ...held.flatMap((lock) => labelled("holds", heldText(lock))),
    ...reasonsOf([durationMs, ...held.flatMap((lock) => [lock.readsWaitMs, lock.writesWaitMs])]).flatMap(
      (reason) => labelled("insufficient", reason),
    ),
    ...(held.length === 0 ? labelled("holds", "nothing that anybody waits for") : []),
  ];
}

/** Why no end is known, each once. */
export function reasonsOf(spans: readonly Span[]): string[] {
  return [...new Set(spans.flatMap((span) => (span.verdict === "insufficient" ? [span.reason] : [])))];
}

/** `ACCESS EXCLUSIVE on orders from line 3: reads and writes wait 2.1 to 3.0 s` */
export function heldText({ table, mode, line, readsWaitMs, writesWaitMs }: HeldLock): string {
  const lock = mode === null ? `locks on ${table}` : `${mode} on ${table}`;
  const [reads, writes] = [waitsText(readsWaitMs), waitsText(writesWaitMs)];
  const wait = reads === writes ? `reads and writes ${reads}` : `reads ${reads}, writes ${writes}`;
  return `${lock} from line ${String(line)}: ${wait}`;
}

function waitsText(span: Span): string {
  return span.verdict === "none" ? "go on" : `wait ${spanText(span)}`;
}

/** `2.1 to 3.0 s`, `about 12 ms`, `2.0 s at least (insufficient)` */
export function spanText(span: Span): string {
  if (span.verdict === "none") return "not at all";
  if (span.verdict === "range") {
    const range = rangeText(span.low, span.high, durationText);
    return range === durationText(span.low) ? `about ${range}` : range;
  }
  return span.low > 0
    ? `${durationText(span.low)} at least (insufficient)`
    : "nobody knows how long (insufficient)";
}

function headLines({ server, sizes, tables }: MeasuredLocks, statements: readonly Forecast[]): string[] {
  const isUnknown = statements.some(({ rows: known }) => known === null);
  const rows = sizes.map(countText).join(", ");
  const lacks = [
    ...(server.fsync ? [] : ["the time of a disk (fsync is off)"]),
    ...(server.fullPageWrites ? [] : ["WAL's images of pages (full_page_writes is off)"]),
  ];
  return [
    ...wrap(`Measured on PostgreSQL ${server.version} with tables of ${rows} synthetic rows`, ""),
    ...(lacks.length === 0 ? [] : wrap(`Not in the figures: ${lacks.join(", ")}`, "  ")),
    ...tables.flatMap(({ table, problem }) =>
      problem === null ? [] : wrap(`${table} could not be filled: ${problem}`, "  "),
    ),
    ...(isUnknown
      ? wrap(
          "How large the real tables are is said by database.tables of fairway.yaml, or read with --database URL",
          "  ",
        )
      : []),
  ];
}

function statementLines(statement: MeasuredStatement, forecast: Forecast): string[] {
  const { path, line, sql, samples, rewrites, problem } = statement;
  const old = tableLocks(statement);
  return [
    "",
    shortened(`${path}:${String(line)}`, width),
    shortened(`  ${sql.replace(/\s+/g, " ")}`, width),
    ...old.flatMap((lock) => labelled("locks", lockText(lock, statement))),
    ...(old.length === 0 && problem === null ? labelled("locks", "nothing that was there before") : []),
    ...(rewrites.length === 0 ? [] : labelled("rewrites", rewrites.join(", "))),
    ...(problem === null ? [] : labelled("no figures", problem)),
    ...(samples.length === 0 ? [] : tableLines(samples, forecast)),
    ...(problem === null ? expectedLines(forecast) : []),
  ];
}

/** On what was there before; the strongest one of each relation. */
export function tableLocks({ locks }: MeasuredStatement): LockTaken[] {
  const old = locks.filter(({ isNew, kind }) => !isNew && kind !== "index");
  return old.filter(({ relation }, at) => old.findIndex((lock) => lock.relation === relation) === at);
}

function lockText({ relation, mode, granted }: LockTaken, { blocked }: MeasuredStatement): string {
  const seen = blocked.find(({ table }) => table === relation);
  const by = blocks(mode);
  const word = (who: "reads" | "writes") => seen?.[who] ?? (by[who] ? "waits" : "free");
  const fared = (["reads", "writes"] as const).map((who) => {
    const answer = word(who);
    if (answer === "waits") return `${who} wait`;
    if (answer === "briefly") return `${who} wait for parts of it`;
    return answer === "free" ? `${who} go on` : `${who}: not known`;
  });
  return `${mode} on ${relation}${granted ? "" : " (asked for)"}: ${fared.join(", ")}`;
}

const columns = ["rows", "duration", "WAL", "reads wait", "writes wait"];
const widths = [14, 20, 22, 20, 20] as const;

function tableLines(samples: readonly Sample[], { rows, ...forecast }: Forecast): string[] {
  const cells = samples.map((sample) => [
    countText(sample.rows),
    rangeText(Math.min(...sample.durationsMs), Math.max(...sample.durationsMs), durationText),
    rangeText(Math.min(...sample.walBytes), Math.max(...sample.walBytes), bytesText),
    waitText(sample, "reads"),
    waitText(sample, "writes"),
  ]);
  const expected = [
    rows === null ? "real" : `~ ${countText(rows)}`,
    estimateText(forecast.durationMs, durationText),
    estimateText(forecast.walBytes, bytesText),
    estimateText(forecast.readsWaitMs, durationText),
    estimateText(forecast.writesWaitMs, durationText),
  ];
  return [columns, ...cells, expected].map((row) =>
    row.map((cell, at) => cell.padStart(widths[at] ?? 0)).join(""),
  );
}

function waitText({ waits }: Sample, who: "reads" | "writes"): string {
  const blocked = waits.filter(({ probe, blocked: count }) => probe === who && count > 0);
  return blocked.length === 0 ? "-" : durationText(Math.max(...blocked.map(({ maxMs }) => maxMs)));
}

export function estimateText(estimate: Estimate, format: (value: number) => string): string {
  if (estimate.verdict === "none") return "-";
  if (estimate.verdict === "insufficient") return "insufficient";
  const range = rangeText(estimate.low, estimate.high, format);
  return range === format(estimate.low) ? `about ${range}` : range;
}

export function rangeText(low: number, high: number, format: (value: number) => string): string {
  const [from, to] = [format(low), format(high)];
  if (from === to) return from;
  const [, unit = ""] = to.split(" ");
  return `${from.endsWith(` ${unit}`) ? (from.split(" ")[0] ?? from) : from} to ${to}`;
}

/** How it grows, and why a figure is not there. */
function expectedLines({ durationMs, walBytes, readsWaitMs, writesWaitMs }: Forecast): string[] {
  const growth = durationMs.verdict === "range" ? labelled("growth", durationMs.growth) : [];
  const reasons = new Map<string, string[]>();
  const figures = {
    duration: durationMs,
    WAL: walBytes,
    "reads wait": readsWaitMs,
    "writes wait": writesWaitMs,
  };
  for (const [name, estimate] of Object.entries(figures)) {
    if (estimate.verdict !== "insufficient") continue;
    reasons.set(estimate.reason, [...(reasons.get(estimate.reason) ?? []), name]);
  }
  return [
    ...growth,
    ...[...reasons].flatMap(([reason, names]) => labelled("insufficient", `${names.join(", ")}: ${reason}`)),
  ];
}

function labelled(label: string, text: string): string[] {
  const [first = "", ...rest] = wrap(text, " ".repeat(16));
  return [`  ${label.padEnd(14)}${first.trimStart()}`, ...rest];
}

/** Breaks at spaces; a word that is longer than a line is cut. */
function wrap(text: string, indent: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.replace(/\s+/g, " ").split(" ")) {
    if (line !== "" && indent.length + line.length + word.length + 1 > width) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each) => shortened(`${indent}${each}`, width));
}

function shortened(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 3)}...`;
}
