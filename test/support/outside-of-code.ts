import { expect } from "vitest";

/** What stands outside of fenced blocks and code spans is what Markdown reads. */
export function outsideOfCode(markdown: string): string {
  const lines: string[] = [];
  let fence: string | null = null;
  for (const line of markdown.split("\n")) {
    const ticks = /^ *(`{3,})/.exec(line)?.[1];
    if (fence === null && ticks !== undefined) fence = ticks;
    else if (fence !== null && new RegExp(`^ *\`{${String(fence.length)},} *$`).test(line)) fence = null;
    else if (fence === null) lines.push(line);
  }
  expect(fence).toBeNull();
  return lines
    .join("\n")
    .replace(/`[^`\n]*`/g, "")
    .replace(/<code>[^<]*<\/code>/g, "");
}
