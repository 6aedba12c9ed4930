import type { VersionReport } from "../load/report.ts";
import { table } from "../table.ts";

/** What one scene came to. */
export interface Row {
  readonly title: string;
  readonly outcome: string;
  /** Requests of the load. */
  readonly sent: number;
  /** What the new version answered of them. */
  readonly canary: VersionReport;
  /** Requests that each analysis judged the new version by. */
  readonly samples: readonly { readonly percent: number; readonly count: number }[];
  /** Of the load, without the new version's own errors. */
  readonly failed: number;
}

export function summaryTable(rows: readonly Row[]): string {
  const head = ["", "came to", "requests", "of the new", "its errors", "judged by", "failed else"];
  const cells = rows.map(({ title, outcome, sent, canary, samples, failed }) => [
    title,
    outcome,
    number(sent),
    number(canary.answered),
    number(canary.failed),
    samples.map(({ percent, count }) => `${number(count)} at ${String(percent)} %`).join(", ") || "-",
    String(failed),
  ]);
  return table(head, cells, [2, 3, 4, 6]);
}

function number(value: number): string {
  return value.toLocaleString("en");
}
