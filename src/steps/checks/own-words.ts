import { visible } from "../../model/visible.ts";

const mostLines = 60;
const longest = 160;

/** How many faults, as tools count them at their end: `✖ 3 problems`, `Found 2 errors`, `Tests  1 failed | 4 passed`. */
const counts = /\b[1-9]\d*\s+(?:\w+\s+)?(?:errors?|problems?|failed|failures?|failing)\b/i;

/** A summary, with what the tool says of how much is wrong. */
export function inOwnWords(summary: string, output: string): string {
  const counted = ownWords(output);
  return counted === undefined ? summary : `${summary}: ${counted}`;
}

/** The line in which a tool says how much is wrong, of the end of what it printed; undefined where there is none. */
export function ownWords(output: string): string | undefined {
  const line = output
    .trimEnd()
    .split("\n")
    .slice(-mostLines)
    .findLast((one) => one.length <= longest && counts.test(one));
  return line === undefined ? undefined : visible(line);
}
