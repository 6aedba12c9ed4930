import pc from "picocolors";

/** Rows under a head, each column as wide as it has to be. @param numeric columns that stand on the right */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  numeric: readonly number[],
): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) =>
        numeric.includes(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd();
  return [pc.dim(line(head)), ...rows.map(line)].map((text) => `  ${text}`).join("\n");
}
