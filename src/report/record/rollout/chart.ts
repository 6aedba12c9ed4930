import { allowedBy } from "../../../release/analysis/analysis.ts";
import { markup, type Markup } from "../../markup.ts";
import { visible } from "../words.ts";
import type { Point, Rollout, Trace } from "./traces.ts";

const width = 760;
const left = 64;
const right = 12;
const height = 210;
const top = 34;
const bottom = 26;

/** How many percent of the visitors the new version got, over time. */
export function weightChart(rollout: Rollout): Markup {
  const scale = timeScale(rollout);
  const tall = 92;
  const y = (percent: number) => 14 + (tall - 14 - bottom) * (1 - percent / 100);
  const { path } = rollout.weights.reduce(
    ({ path: before, percent }, weight) => ({
      path: `${before} L${n(scale(weight.at))} ${n(y(percent))} L${n(scale(weight.at))} ${n(y(weight.percent))}`,
      percent: weight.percent,
    }),
    { path: `M${n(scale(rollout.from))} ${n(y(0))}`, percent: 0 },
  );
  const last = rollout.weights.at(-1)?.percent ?? 0;
  const labels = rollout.weights.map(
    ({ at, percent }) =>
      markup`<text x="${n(Math.min(scale(at) + 4, width - 44))}" y="${n(Math.max(11, y(percent) - 4))}">${number(percent)} %</text>`,
  );
  const says = rollout.weights.map(({ at, percent }) => `${number(percent)} % at ${clock(at)}`).join(", ");
  return markup`<svg viewBox="0 0 ${String(width)} ${String(tall)}" role="img" aria-label="Weight of the new version: ${says}">
${grid(rollout, 14, tall - bottom)}
<path class="weight" d="${path} L${n(scale(rollout.to))} ${n(y(last))}"/>
${labels}
</svg>`;
}

/** What each look at one limit saw, with its interval, against the limit. */
export function traceChart(rollout: Rollout, trace: Trace): Markup {
  const scale = timeScale(rollout);
  const { allowed, unit, worse } = allowedBy(trace.limit);
  const [low, high] = rangeOf(trace, allowed);
  const y = (value: number) =>
    top + (height - top - bottom) * (1 - (Math.max(low, Math.min(high, value)) - low) / (high - low));
  const level = (value: number, kind: string, label: string) =>
    markup`<line class="${kind}" x1="${n(left)}" x2="${n(width - right)}" y1="${n(y(value))}" y2="${n(y(value))}"/>
<text class="${kind}" x="${n(left - 6)}" y="${n(y(value) + 4)}" text-anchor="end">${label}</text>`;
  const looks = trace.points.map((point) => lookMark(point, scale(point.at), y, unit));
  return markup`<svg viewBox="0 0 ${String(width)} ${String(height)}" role="group" aria-label="${visible(`${trace.service}: looks at ${trace.limit.metric}, limit ${number(allowed)} ${unit}`)}">
${grid(rollout, top, height - bottom)}
${low < 0 && high > 0 ? level(0, "zero", "0") : ""}
${level(allowed, "limit", `${number(allowed)} ${unit}`)}
<text class="worse" x="${n(width - right)}" y="${n(top - 20)}" text-anchor="end">worse is ${worse}</text>
${looks}
</svg>`;
}

/** Each can be reached with the keyboard, and says then what it saw; its shape says the verdict without colour. */
function lookMark(point: Point, x: number, y: (value: number) => number, unit: string): Markup {
  const { estimate, lower, upper, verdict, decides } = point;
  if (estimate === null) return markup``;
  const ends = { from: y(lower ?? -Infinity), to: y(upper ?? Infinity) };
  const size = decides ? 5 : 2.5;
  const at = y(estimate);
  const shape =
    verdict === "fail"
      ? markup`<path d="M${n(x - size)} ${n(at - size)} L${n(x + size)} ${n(at + size)} M${n(x - size)} ${n(at + size)} L${n(x + size)} ${n(at - size)}"/>`
      : markup`<circle cx="${n(x)}" cy="${n(at)}" r="${n(size)}"/>`;
  const says = pointText(point, unit);
  const focus = decides ? markup` tabindex="0"` : "";
  return markup`<g class="look ${verdict}${decides ? " decides" : ""}"${focus}><title>${says}</title>
<line x1="${n(x)}" x2="${n(x)}" y1="${n(ends.from)}" y2="${n(ends.to)}"/>${shape}<text class="tip" x="${n(left)}" y="12">${says}</text></g>
`;
}

export function pointText(
  { at, percent, estimate, lower, upper, samples, needed, verdict }: Point,
  unit: string,
): string {
  const bound = (value: number | null) => (value === null ? "?" : number(value));
  const value = estimate === null ? "nothing seen" : `${number(estimate)} ${unit}`;
  const enough = needed === null ? "" : ` of ${needed.toLocaleString("en-US")} needed`;
  return (
    `${clock(at)} at ${number(percent)} %: ${value} (${bound(lower)} to ${bound(upper)}), ` +
    `${samples.toLocaleString("en-US")} samples${enough}: ${verdict}`
  );
}

/** Steps as bands, and a few times along the way. */
function grid(rollout: Rollout, from: number, to: number): Markup {
  const scale = timeScale(rollout);
  const bands = rollout.steps.map(
    (step) =>
      markup`<rect class="step ${step.ending}" x="${n(scale(step.from))}" width="${n(Math.max(1, scale(step.to) - scale(step.from) - 2))}" y="${n(from)}" height="${n(to - from)}"/>`,
  );
  const times = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const at = rollout.from + share * (rollout.to - rollout.from);
    const anchor = share === 0 ? "start" : share === 1 ? "end" : "middle";
    return markup`<text class="time" x="${n(scale(at))}" y="${n(to + 18)}" text-anchor="${anchor}">${clock(at)}</text>`;
  });
  return markup`${bands}${times}`;
}

function timeScale({ from, to }: Rollout): (at: number) => number {
  return (at) => left + ((width - left - right) * (at - from)) / (to - from);
}

/** All that decided is inside; what hardly anything was known of may reach out. */
function rangeOf({ points }: Trace, allowed: number): readonly [number, number] {
  const decided = points.filter(({ decides }) => decides);
  const values = [0, allowed, ...decided.flatMap(({ estimate, lower, upper }) => [estimate, lower, upper])];
  const known = values.filter((value) => value !== null);
  const most = 8 * Math.max(Math.abs(allowed), 1e-9);
  const inside = known.map((value) => Math.max(-most, Math.min(most, value)));
  const low = Math.min(...inside);
  const high = Math.max(...inside);
  const margin = 0.08 * (high - low || 1);
  return [low < 0 ? low - margin : low, high + margin];
}

function clock(at: number): string {
  return new Date(at).toISOString().slice(11, 19);
}

function number(value: number): string {
  return String(Number(value.toFixed(Math.abs(value) >= 100 ? 0 : 2)));
}

function n(value: number): string {
  return String(Math.round(value * 10) / 10);
}
