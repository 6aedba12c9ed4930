/** Plain text for people: aligned columns, ages and durations. No colours: the terminal adds them. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, index) => (widths[index] = Math.max(widths[index] ?? 0, cell.length)));
  return rows
    .map((row) =>
      row
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Rows under their headings, without the columns in which no row says anything. */
export function headed(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const says = headings.map((_, index) => rows.some((row) => (row[index] ?? "") !== ""));
  return table([headings, ...rows].map((row) => row.filter((_, index) => says[index])));
}

export function indent(text: string): string {
  return text
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n");
}

/** `a, b, c, +2 more` */
export function firstOf(names: readonly string[], most = 3): string {
  const more = names.length - most;
  return [...names.slice(0, most), ...(more > 0 ? [`+${String(more)} more`] : [])].join(", ");
}

/** `4.1 s`, `2 min 5 s`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 59_950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${String(Math.floor(seconds / 60))} min ${String(seconds % 60)} s`;
}

/** `just now`, `5 minutes ago`, then a date. */
export function ago(at: string, now: Date): string {
  const seconds = Math.max(0, (now.getTime() - Date.parse(at)) / 1000);
  if (seconds < 60) return `${String(Math.floor(seconds))} s ago`;
  if (seconds < 3600) return `${String(Math.floor(seconds / 60))} min ago`;
  if (seconds < 86_400) return `${String(Math.floor(seconds / 3600))} h ago`;
  return at.slice(0, 16).replace("T", " ");
}
