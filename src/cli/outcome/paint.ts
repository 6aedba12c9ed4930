import type { Colours } from "../terminal.ts";

/** The text of a review as a terminal shows it. What it says is said without colours, too. */
export function paintedReview(text: string, { bold, faint, red, yellow, cyan }: Colours): string {
  const severities: Readonly<Record<string, (word: string) => string>> = {
    critical: (word) => red(bold(word)),
    high: red,
    medium: yellow,
    low: cyan,
  };
  return text
    .replace(
      /^ {4}(critical|high|medium|low)(?= +[a-z-]+: )/gm,
      (_, word: string) => `    ${severities[word]?.(word) ?? word}`,
    )
    .replace(/^ {2}(line \d+)/gm, (_, line: string) => `  ${bold(line)}`)
    .replace(
      /^( {2}| {4})(phase|said|SHA-256|allowed|instead|locks|rewrites|scans|old code|undo)(?= )/gm,
      (_, margin: string, label: string) => margin + faint(label),
    );
}
