import type { LookAtLimit, LimitVerdict, Sample } from "../../../model/metric.ts";
import type { AnalyseOperation } from "../../../model/plan.ts";
import type { HoldStanding, RolloutStanding, Seen } from "../../../model/rollout.ts";
import { allowedBy, limitTitle, type Allowed } from "../../../release/analysis/analysis.ts";
import type { Colours } from "../../terminal.ts";
import { cut } from "../format.ts";
import type { Canvas } from "./rollout.ts";
import { intervalText, sparkline } from "./scale.ts";

/** What one limit says, cell by cell; `why` stands for all figures where there are none. */
interface Row {
  readonly service: string;
  readonly limit: string;
  readonly samples: string;
  readonly beside: string;
  readonly estimate: string;
  readonly verdict: string;
  readonly why: string;
  readonly allowed: Allowed;
  readonly seen: LimitVerdict | null;
  readonly estimates: readonly (number | null)[];
}

type Column = "limit" | "samples" | "beside" | "estimate" | "scale" | "looks" | "verdict";

const heads: Readonly<Record<Column, string>> = {
  ...{
    limit: "limit",
    samples: "new/needed",
    beside: "old",
    estimate: "estimate",
    scale: "interval",
  },
  ...{ looks: "looks", verdict: "last look" },
};
const order: readonly Column[] = ["limit", "samples", "beside", "estimate", "scale", "looks", "verdict"];
/** What is left out where there is no room for all, first to last. */
const dispensable: readonly Column[] = ["looks", "beside", "scale", "estimate", "samples"];
const shortestScale = 11;
const longestScale = 31;
const longestSparkline = 10;
const longestTitle = { wide: 24, narrow: 18 };

/** One line for each limit, by service; the first of them has the headings above it. Empty while nothing is judged. */
export function limitTable(
  { operations, index, hold }: RolloutStanding,
  canvas: Canvas,
): ReadonlyMap<string, readonly string[]> {
  const operation = operations[index];
  if (hold === null || operation?.kind !== "analyse") return new Map();
  const rows = rowsOf(operation, hold);
  const widths = fitting(rows, canvas.columns);
  const tables = new Map<string, string[]>();
  for (const row of rows) {
    const heading = tables.size === 0 && widths.has("samples") ? [headLine(widths, canvas.colours)] : [];
    const lines = tables.get(row.service) ?? heading;
    tables.set(row.service, [...lines, rowLine(row, widths, canvas.colours)]);
  }
  return tables;
}

function rowsOf({ limits }: AnalyseOperation, { seen, looks }: HoldStanding): readonly Row[] {
  return limits.map(({ service, limit }, place): Row => {
    const one = seen[place];
    const verdict = one?.verdict ?? null;
    const allowed = allowedBy(limit);
    const needed = verdict?.needed ?? null;
    const fewest = Math.max(needed ?? 0, verdict?.rule.atLeast ?? 0);
    return {
      ...{ service, limit: limitTitle(limit), allowed, seen: verdict },
      samples: verdict === null ? "" : `${count(verdict.samples)}/${needed === null ? "?" : count(fewest)}`,
      beside: verdict === null ? "" : besideText(verdict.compared.baseline),
      estimate: verdict === null ? "" : estimateText(verdict, allowed),
      verdict: verdictWord(one),
      why: one?.verdict === null ? one.why : "",
      estimates: looks.map((look) => look.limits[place]?.estimate ?? null),
    };
  });
}

function verdictWord(seen: Seen | undefined): string {
  if (seen === undefined) return "no look yet";
  return seen.verdict?.verdict ?? "unread";
}

/** The columns that there is room for, and how wide each is. */
function fitting(rows: readonly Row[], columns: number): ReadonlyMap<Column, number> {
  const natural = (column: Column): number => {
    if (column === "scale") return shortestScale;
    if (column === "looks") return heads.looks.length;
    const longest = Math.max(...rows.map((row) => row[column].length));
    return column === "limit"
      ? Math.min(longestTitle[columns < 90 ? "narrow" : "wide"], longest)
      : Math.max(longest, heads[column].length);
  };
  const widths = new Map(order.map((column) => [column, natural(column)]));
  const room = () =>
    columns - [...widths.values()].reduce((sum, width) => sum + width, 0) - 2 * (widths.size - 1);
  for (const column of dispensable) if (room() < 0) widths.delete(column);
  if (room() < 0) widths.set("limit", Math.max(4, (widths.get("limit") ?? 0) + room()));
  widen(widths, "looks", longestSparkline, room());
  widen(widths, "scale", longestScale, room());
  return widths;
}

function widen(widths: Map<Column, number>, column: Column, most: number, room: number): void {
  const width = widths.get(column);
  if (width !== undefined) widths.set(column, Math.min(most, width + Math.max(0, room)));
}

function headLine(widths: ReadonlyMap<Column, number>, colours: Colours): string {
  const cells = [...widths].map(([column, width]) => aligned(column, cut(heads[column], width), width));
  return colours.faint(cells.join("  ").trimEnd());
}

function rowLine(row: Row, widths: ReadonlyMap<Column, number>, colours: Colours): string {
  if (row.why !== "") return unreadLine(row, widths, colours);
  const cells = [...widths].map(([column, width]) => {
    const text = aligned(column, cellOf(row, column, width), width);
    return column === "verdict" ? dressed(text.trimEnd(), row.verdict, colours) : text;
  });
  return cells.join("  ").trimEnd();
}

/** Why it could not be read stands where its figures would. */
function unreadLine(row: Row, widths: ReadonlyMap<Column, number>, colours: Colours): string {
  const [limit, verdict] = [widths.get("limit") ?? 0, widths.get("verdict") ?? 0];
  const all = [...widths.values()].reduce((sum, width) => sum + width, 0) + 2 * (widths.size - 1);
  const between = Math.max(0, all - limit - verdict - 4);
  const parts = [cut(row.limit, limit).padEnd(limit), cut(row.why, between).padEnd(between)];
  return [...parts.filter((part) => part !== ""), dressed(row.verdict, row.verdict, colours)].join("  ");
}

function cellOf(row: Row, column: Column, width: number): string {
  switch (column) {
    case "scale":
      return row.seen === null ? "" : intervalText(row.seen, row.allowed, width);
    case "looks":
      return sparkline(row.estimates, row.allowed, width);
    default:
      return cut(row[column], width);
  }
}

/** Numbers to the right. */
function aligned(column: Column, text: string, width: number): string {
  return column === "samples" || column === "beside" || column === "estimate"
    ? text.padStart(width)
    : text.padEnd(width);
}

function dressed(text: string, verdict: string, colours: Colours): string {
  switch (verdict) {
    case "pass":
      return colours.green(text);
    case "fail":
    case "unread":
      return colours.red(text);
    case "insufficient":
      return colours.yellow(text);
    default:
      return colours.faint(text);
  }
}

function besideText(sample: Sample | null): string {
  switch (sample?.kind) {
    case undefined:
      return "-";
    case "counts":
      return count(sample.total);
    case "distribution":
      return count(sample.buckets.reduce((sum, bucket) => sum + bucket.count, 0));
    case "values":
      return count(sample.values.filter((value) => value !== null).length);
  }
}

/** In the unit of the limit; what is no better or worse has no sign. */
function estimateText({ estimate }: LookAtLimit, { isDifference }: Allowed): string {
  if (estimate === null) return "-";
  const decimals = Math.abs(estimate) >= 100 ? 0 : Math.abs(estimate) >= 10 ? 1 : 2;
  const rounded = Number(estimate.toFixed(decimals));
  return `${isDifference && rounded > 0 ? "+" : ""}${rounded === 0 ? "0" : rounded.toLocaleString("en-US")}`;
}

function count(number: number): string {
  return number.toLocaleString("en-US");
}
