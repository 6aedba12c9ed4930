import { table } from "./text.ts";

/** Fewer columns than this are too few to read a sentence in. */
const leastRoom = 40;

/**
 * Rows as a table where that fits; else the cells on the right stand below each other in the last column that has room, each
 * wrapped.
 */
export function fitting(rows: readonly (readonly string[])[], width: number): readonly string[] {
  if (rows.length === 0) return [];
  const whole = table(rows).split("\n");
  if (whole.every((line) => line.length <= width)) return whole;
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, index) =>
    Math.max(...rows.map((row) => (row[index] ?? "").length)),
  );
  const startOf = (kept: number) => widths.slice(0, kept).reduce((sum, cell) => sum + cell + 2, 0);
  let kept = columns - 1;
  while (kept > 1 && width - startOf(kept) < leastRoom) kept -= 1;
  const start = startOf(kept);
  return rows.flatMap((row) => {
    const below = row.slice(kept).filter((cell) => cell !== "");
    const lines = below.flatMap((cell) => wrapped(cell, width - start));
    const left = row.slice(0, kept).map((cell, index) => cell.padEnd(widths[index] ?? 0));
    const first = [...left, lines[0] ?? ""].join("  ").trimEnd();
    return [first, ...lines.slice(1).map((line) => " ".repeat(start) + line)];
  });
}

/** Lines of at most this many characters, the later ones a little further in; what has no blank is cut, a reference at its digest. */
export function wrapped(text: string, width: number): readonly string[] {
  if (text.length <= width) return [text];
  const margin = /^ */.exec(text)?.[0] ?? "";
  const lines: string[] = [];
  let line = margin;
  for (const word of text.trim().split(" ")) {
    const room = width - margin.length - 2;
    for (const part of partsOf(word, room)) {
      const isFirst = line.trim() === "";
      if (!isFirst && line.length + 1 + part.length > width) {
        lines.push(line);
        line = `${margin}  ${part}`;
      } else line = isFirst ? line + part : `${line} ${part}`;
    }
  }
  return [...lines, line];
}

function partsOf(word: string, room: number): readonly string[] {
  if (word.length <= room) return [word];
  const at = word.indexOf("@", 1);
  const end = at > 0 && at <= room ? at : room;
  return [word.slice(0, end), ...partsOf(word.slice(end), room)];
}
