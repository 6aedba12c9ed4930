import { spansOf, type Span } from "./ansi.ts";

/** A line of output, and when it was printed. */
export interface PrintedLine {
  readonly atSeconds: number;
  readonly text: string;
}

export interface Picture {
  readonly title: string;
  readonly columns: number;
  readonly rows: number;
  /** Silence longer than this is cut to it. */
  readonly longestPauseSeconds: number;
}

const font = 14;
const cell = { width: 8.4, height: 20 };
const margin = { x: 18, top: 46, bottom: 18 };

/**
 * A terminal that scrolls through the lines as they were printed, as one SVG without scripts. Where animation is
 * not wanted it shows the end.
 */
export function terminalSvg(lines: readonly PrintedLine[], picture: Picture): string {
  const { columns, rows, title } = picture;
  const width = Math.round(columns * cell.width + 2 * margin.x);
  const height = margin.top + rows * cell.height + margin.bottom;
  const times = shortened(lines, picture.longestPauseSeconds);
  const total = (times.at(-1) ?? 0) + 5;
  const text = lines.map(({ text }, index) => textElement(clipped(spansOf(text), columns), index)).join("\n");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(title)}">
<style>
text { font: ${font}px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #d6dee6; white-space: pre; }
.b { font-weight: 700; } .d { fill-opacity: 0.65; }
${Object.entries(colors)
  .map(([code, color]) => `.c${code} { fill: ${color}; }`)
  .join("\n")}
#lines { transform: translateY(${offset(lines.length - 1, rows)}px); }
@media (prefers-reduced-motion: no-preference) {
  #lines { animation: scroll ${total.toFixed(1)}s step-end infinite; }
}
@keyframes scroll {
${keyframes(times, total, rows)}
}
</style>
<rect width="${width}" height="${height}" rx="10" fill="#0f1720"/>
<circle cx="22" cy="20" r="6" fill="#f26d6d"/><circle cx="42" cy="20" r="6" fill="#f2c14e"/><circle cx="62" cy="20" r="6" fill="#5fbf77"/>
<text x="${width / 2}" y="25" text-anchor="middle" class="d">${escaped(title)}</text>
<clipPath id="screen"><rect x="0" y="${margin.top}" width="${width}" height="${rows * cell.height + 6}"/></clipPath>
<g clip-path="url(#screen)"><g id="lines" xml:space="preserve">
${text}
</g></g>
</svg>
`;
}

/** The moments of the lines, with every long silence cut short. */
function shortened(lines: readonly PrintedLine[], longest: number): number[] {
  let now = 0;
  return lines.map(({ atSeconds }, index) => {
    const pause = atSeconds - (lines[index - 1]?.atSeconds ?? atSeconds);
    return (now += Math.min(pause, longest));
  });
}

/** How far the lines are moved when `last` is the newest: at first they fill the screen, then they scroll. */
function offset(last: number, rows: number): number {
  return -Math.max(0, last + 1 - rows) * cell.height;
}

/** Lines below the newest one are hidden by moving the whole: so the screen fills from its lower edge. */
function keyframes(times: readonly number[], total: number, rows: number): string {
  const moments = new Map<string, number>();
  times.forEach((time, index) => moments.set(((time / total) * 100).toFixed(2), index));
  return [...moments]
    .map(
      ([percent, index]) => `${percent}% { transform: translateY(${(rows - 1 - index) * cell.height}px); }`,
    )
    .join("\n");
}

function textElement(spans: readonly Span[], index: number): string {
  const y = margin.top + index * cell.height + font;
  const parts = spans.map((span) => {
    const classes = [span.color === null ? "" : `c${span.color}`, span.bold ? "b" : "", span.dim ? "d" : ""];
    const names = classes.filter((name) => name !== "").join(" ");
    return names === "" ? escaped(span.text) : `<tspan class="${names}">${escaped(span.text)}</tspan>`;
  });
  return `<text x="${margin.x}" y="${y}">${parts.join("")}</text>`;
}

function clipped(spans: readonly Span[], columns: number): Span[] {
  let left = columns;
  return spans.flatMap((span) => {
    if (left <= 0) return [];
    const fits = span.text.length <= left;
    const text = fits ? span.text : `${span.text.slice(0, left - 1)}…`;
    left -= text.length;
    return [{ ...span, text }];
  });
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

const colors: Record<number, string> = {
  30: "#56636f",
  31: "#ff7b72",
  32: "#7ee787",
  33: "#f2cc60",
  34: "#79c0ff",
  35: "#d2a8ff",
  36: "#76e3ea",
  37: "#d6dee6",
  90: "#8b98a5",
  91: "#ff7b72",
  92: "#7ee787",
  93: "#f2cc60",
  94: "#79c0ff",
  95: "#d2a8ff",
  96: "#76e3ea",
  97: "#ffffff",
};
