/** Lines of a log that an error shows. */
const shownLines = 12;
/** Lines from before them that are shown because they name an error. */
const shownReasons = 8;
/** Columns of one line. */
const longestLine = 400;
/** Lines at most that are repeated together: what a server says of one request. */
const longestPattern = 4;

/**
 * The end of a log, for people: what repeats itself but for its numbers, ids and times is shown once and counted, so
 * that a thousand refused probes do not push the reason away; of a stack one frame is shown; and lines from before
 * the end that name an error or its cause stay.
 */
export function excerpt(text: string): string {
  const lines = collapsed(withFewFrames(text.split("\n").filter((line) => line.trim() !== "")));
  const end = Math.max(0, lines.length - shownLines);
  const reasons = lines
    .slice(0, end)
    .flatMap((line, at) => (namesError(line) ? [at] : []))
    .slice(-shownReasons);
  return [...withGaps(lines, reasons, end), ...lines.slice(end)].map(cut).join("\n");
}

/** The lines at these places, and how many are left out between them. */
function withGaps(lines: readonly string[], places: readonly number[], end: number): string[] {
  const shown: string[] = [];
  let next = places[0] ?? end;
  for (const at of [...places, end]) {
    if (at > next) shown.push(`... ${String(at - next)} ${at - next === 1 ? "line" : "lines"}`);
    if (at < end) shown.push(lines[at] ?? "");
    next = at + 1;
  }
  return shown;
}

/** `TypeError: ...`, `[cause]: AggregateError [ECONNREFUSED]`, `FATAL: ...`, and loggers' levels for errors. */
function namesError(line: string): boolean {
  return (
    /(^|[^\w.])\w*(Error|Exception)( \[\w+\])?(:| \{$|$)/.test(line) ||
    /(^|[^\w-])(error|ERROR|fatal|FATAL|panic|PANIC)(:|\]|\s{2,})/.test(line) ||
    /"level":\s*("error"|"fatal"|[56]0\b)/.test(line)
  );
}

/** Of each stack its first frame in the service's own code, and the number of the others. */
function withFewFrames(lines: readonly string[]): string[] {
  const kept: string[] = [];
  for (let at = 0; at < lines.length;) {
    const frames = lines.slice(at, endOfStack(lines, at));
    if (frames.length < 3) {
      kept.push(lines[at] ?? "");
      at += 1;
      continue;
    }
    const own =
      frames.find((frame) => !/node:internal|node_modules|<anonymous>/.test(frame)) ?? frames[0] ?? "";
    const margin = /^\s*/.exec(own)?.[0] ?? "";
    kept.push(own.replace(/ \{$/, ""), `${margin}(${String(frames.length - 1)} more frames)`);
    at += frames.length;
  }
  return kept;
}

function endOfStack(lines: readonly string[], from: number): number {
  const isFrame = (line: string) => /^\s+(at \S|\.\.\. \d+ lines matching cause stack trace)/.test(line);
  let end = from;
  while (end < lines.length && isFrame(lines[end] ?? "")) end += 1;
  return end;
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
