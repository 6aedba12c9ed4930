import { secretSpellings } from "./secret-spellings.ts";

/** Replaces secret values in a text. */
export type Scrub = (text: string) => string;

/** Of the values themselves, the lines of those that have more than one, and the passwords in those that are URLs. */
export function scrubOf(values: Iterable<string>): Scrub {
  const parts = [...values].flatMap((value) => [value, ...linesOf(value), ...passwordOf(value)]);
  const spellings = new Set(parts.flatMap((part) => secretSpellings(part).map(({ text }) => text)));
  if (spellings.size === 0) return (text) => text;
  const source = [...spellings]
    .sort((a, b) => b.length - a.length)
    .map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"))
    .join("|");
  const expression = new RegExp(source, "g");
  return (text) => text.replace(expression, "***");
}

/** A key in PEM is printed line by line; its short lines are nobody's secret. */
function linesOf(value: string): string[] {
  const lines = value.split(/\r?\n/).filter((line) => line.length >= 12 && !line.startsWith("-----"));
  return value.includes("\n") ? lines : [];
}

function passwordOf(value: string): string[] {
  if (!URL.canParse(value)) return [];
  const { password } = new URL(value);
  return password === "" ? [] : [password, decodeURIComponent(password)];
}
