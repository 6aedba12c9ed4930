import { table } from "../table.ts";
import type { Together } from "./together.ts";

/** What one rollout came to. */
export interface Row {
  readonly title: string;
  readonly from: string;
  readonly to: string;
  /** Of the whole command, checks and images included. */
  readonly seconds: number;
  readonly sent: number;
  readonly failed: number;
  readonly both: Together;
}

export function summaryTable(rows: readonly Row[]): string {
  const head = [
    "",
    "from",
    "to",
    "took",
    "requests",
    "failed",
    "both served",
    "of old",
    "of new",
    "new read old",
    "old read new",
  ];
  const number = (value: number) => value.toLocaleString("en");
  const cells = rows.map(({ title, from, to, seconds, sent, failed, both }) => [
    ...[title, from, to, `${seconds.toFixed(1)} s`, number(sent), number(failed)],
    ...[`${(both.milliseconds / 1_000).toFixed(1)} s`, number(both.ofOld), number(both.ofNew)],
    ...[number(both.oldReadByNew), number(both.newReadByOld)],
  ]);
  return table(head, cells, [3, 4, 5, 6, 7, 8, 9, 10]);
}
