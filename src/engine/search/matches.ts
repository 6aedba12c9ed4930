import { isUtf8 } from "node:buffer";
import type { Found, FoundPart } from "../states.ts";

/** The lines of a file in which the expression is found; those of matches that touch are one. What is no UTF-8 is left out. */
export function foundIn(path: string, bytes: Buffer, expression: RegExp, byLines: boolean): readonly Found[] {
  const text = bytes.toString();
  const blocks = byLines
    ? linesOf(text).filter((line) => hasMatch(line.text, expression))
    : blocksOf(text, expression);
  const starts = lineStarts(bytes);
  return blocks
    .filter((block) => isUtf8(bytes) || !block.text.includes("\ufffd"))
    .map((block) => ({
      ...{ filePath: path, lineNumber: block.number, matchedLines: block.text },
      absoluteOffset: starts[block.number - 1] ?? 0,
      submatches: partsOf(block.text, expression),
    }));
}

function lineStarts(bytes: Buffer): readonly number[] {
  const starts = [0];
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) starts.push(at + 1);
  return starts;
}

interface Block {
  readonly text: string;
  /** The first line, counted from 1. */
  readonly number: number;
}

function linesOf(text: string): readonly Block[] {
  const lines = text.split(/(?<=\n)/).filter((line) => line !== "");
  return lines.map((line, index) => ({ text: line, number: index + 1 }));
}

/** Whole lines around each match of the whole text. */
function blocksOf(text: string, expression: RegExp): readonly Block[] {
  const ranges: { start: number; end: number }[] = [];
  for (const match of text.matchAll(expression)) {
    const start = match.index === 0 ? 0 : text.lastIndexOf("\n", match.index - 1) + 1;
    const last = Math.max(match.index, match.index + match[0].length - 1);
    const newline = text.indexOf("\n", last);
    const end = newline === -1 ? text.length : newline + 1;
    const before = ranges.at(-1);
    if (before !== undefined && before.end >= start) before.end = Math.max(before.end, end);
    else if (start < text.length) ranges.push({ start, end });
  }
  return ranges.map(({ start, end }) => ({
    text: text.slice(start, end),
    number: text.slice(0, start).split("\n").length,
  }));
}

function hasMatch(line: string, expression: RegExp): boolean {
  return withoutEnd(line).search(expression) !== -1;
}

function partsOf(block: string, expression: RegExp): readonly FoundPart[] {
  const isLine = !withoutEnd(block).includes("\n");
  return [...(isLine ? withoutEnd(block) : block).matchAll(expression)].map((match) => {
    const start = Buffer.byteLength(block.slice(0, match.index));
    return { text: match[0], start, end: start + Buffer.byteLength(match[0]) };
  });
}

function withoutEnd(line: string): string {
  return line.endsWith("\n") ? line.slice(0, -1) : line;
}
