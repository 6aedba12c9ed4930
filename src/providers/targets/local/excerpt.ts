/** Lines of a log that an error shows. */
const shownLines = 12;
/** Columns of one line. */
const longestLine = 400;
/** Lines at most that are repeated together: what a server says of one request. */
const longestPattern = 4;

/**
 * The end of a log, for people: what repeats itself but for its numbers, ids and times is shown once and counted, so
 * that a thousand refused probes do not push the reason away.
 */
export function excerpt(text: string): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return collapsed(lines).slice(-shownLines).map(cut).join("\n");
}

/** Runs of one line, or of a few lines in turn, become one of them with a count. */
function collapsed(lines: readonly string[]): string[] {
  const keys = lines.map(keyOf);
  const kept: string[] = [];
  for (let at = 0; at < lines.length;) {
    const { length, times } = patternAt(keys, at);
    kept.push(...lines.slice(at, at + length));
    if (times > 1) kept.push(`(${String((times - 1) * length)} more like ${length === 1 ? "it" : "these"})`);
    at += length * times;
  }
  return kept;
}

/** The shortest pattern that begins here and saves more lines than its count takes. */
function patternAt(keys: readonly string[], at: number): { length: number; times: number } {
  for (let length = 1; length <= longestPattern; length += 1) {
    let times = 1;
    while (isSame(keys, at, at + times * length, length)) times += 1;
    if ((times - 1) * length > 1) return { length, times };
  }
  return { length: 1, times: 1 };
}

function isSame(keys: readonly string[], first: number, second: number, length: number): boolean {
  if (second + length > keys.length) return false;
  for (let offset = 0; offset < length; offset += 1)
    if (keys[first + offset] !== keys[second + offset]) return false;
  return true;
}

/** Without words that hold a digit: numbers, ids, times, ports. */
function keyOf(line: string): string {
  return line.replace(/[\w.:+-]*\d[\w.:+-]*/g, "#");
}

function cut(line: string): string {
  return line.length <= longestLine ? line : `${line.slice(0, longestLine - 1)}…`;
}
