import { visible, visibleLines } from "../model/visible.ts";

/** Text of somebody else: nothing in it is markup, and no `@team` is called. */
export function code(text: string): string {
  const shown = visible(text);
  if (shown === "") return "";
  if (!/[`|\\]/.test(shown)) return `\`${shown}\``;
  // Neither a longer fence nor a backslash is safe in a table: there a cell ends at every bare bar.
  const escaped = shown.replace(/[^\p{L}\p{N} ,.:;/=+-]/gu, (one) => `&#${String(one.codePointAt(0))};`);
  return `<code>${escaped}</code>`;
}

/** A sentence that may hold names of somebody else: escaped, and as code where it could be a link or call somebody. */
export function sentence(text: string): string {
  const shown = visible(text);
  if (/[@#]|:\/\/|www\.|\bGH-/i.test(shown)) return code(shown);
  return shown.replace(/[^\p{L}\p{N} ,.:;/='"()-]/gu, (one) => `&#${String(one.codePointAt(0))};`);
}

/** A block of lines that nothing in them can end, below a list's item where `indent` says so. */
export function fenced(text: string, language: string, indent = ""): string {
  const shown = visibleLines(text);
  const longest = Math.max(2, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return [`${fence}${language}`, ...shown.split("\n"), fence].map((line) => `${indent}${line}`).join("\n");
}

/** Rows under their heads; cells are Markdown already. */
export function markdownTable(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(heads), `|${heads.map(() => "---|").join("")}`, ...rows.map(line)].join("\n");
}
