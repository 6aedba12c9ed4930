import type { FreezeRule, WindowRule } from "../../../config/config.ts";
import { dayMs, longestMs, occurrences } from "./occurrences.ts";
import { spanAt, subtract, union, type Span } from "./spans.ts";
import { type Closure, daysAhead, type WindowsVerdict } from "./verdict.ts";
import { zoneClocks } from "./zone-clock.ts";

export { windowsText } from "./text.ts";
export type { Closure, WindowsVerdict } from "./verdict.ts";

/** `windows` and `freezes` of an environment, as the config has them. */
export interface ChangeCalendar {
  readonly windows: readonly WindowRule[];
  readonly freezes: readonly FreezeRule[];
}

/**
 * Whether a deploy may start now, and until or from when. Freezes go before windows; no windows mean at any time. It says
 * nothing of a deploy that runs already: that one is not stopped when its window closes, as half a release is worse.
 */
export async function judgeWindows(calendar: ChangeCalendar, now: Date): Promise<WindowsVerdict> {
  const { windows, freezes } = calendar;
  if (windows.length === 0 && freezes.length === 0) {
    return { open: true, closesAt: null, closing: [], zone: "UTC" };
  }
  // Nearly every answer is within a month; the whole of the year is laid out only for the others.
  const near = verdictOf(await layOut(calendar, now, 32));
  if (changeOf(near) !== null) return near;
  return verdictOf(await layOut(calendar, now, daysAhead));
}

/** When the rules apply, as far as `sight` goes. */
interface Layout {
  readonly sight: Span;
  readonly windows: readonly Laid<WindowRule>[];
  readonly freezes: readonly Laid<FreezeRule>[];
}

interface Laid<Rule> {
  readonly rule: Rule;
  readonly spans: readonly Span[];
}

async function layOut(calendar: ChangeCalendar, now: Date, days: number): Promise<Layout> {
  const sight = { start: now.getTime(), end: now.getTime() + days * dayMs };
  const clocks = await zoneClocks(sight.start - longestMs, sight.end + longestMs);
  const lay = <Rule extends WindowRule | FreezeRule>(rules: readonly Rule[]): Promise<Laid<Rule>[]> =>
    Promise.all(
      rules.map(async (rule) => ({ rule, spans: union(await occurrences(rule, clocks(rule.zone), sight)) })),
    );
  return { sight, windows: await lay(calendar.windows), freezes: await lay(calendar.freezes) };
}

function verdictOf(layout: Layout): WindowsVerdict {
  const { sight, windows, freezes } = layout;
  const allowed = windows.length === 0 ? [sight] : union(windows.flatMap(({ spans }) => spans));
  const open = subtract(allowed, union(freezes.flatMap(({ spans }) => spans)));
  const current = spanAt(open, sight.start);
  const change = current?.end ?? open.find(({ start }) => start > sight.start)?.start ?? sight.end;
  const seen = change < sight.end ? change : null;
  const at = seen === null ? null : new Date(seen);
  const zone = zoneAt(layout, seen ?? sight.start);
  return current === undefined
    ? { open: false, closedBy: closuresAt(layout, sight.start), opensAt: at, zone }
    : { open: true, closesAt: at, closing: seen === null ? [] : closuresAt(layout, seen), zone };
}

function changeOf(verdict: WindowsVerdict): Date | null {
  return verdict.open ? verdict.closesAt : verdict.opensAt;
}

function closuresAt({ windows, freezes }: Layout, instant: number): Closure[] {
  const frozen = freezes.flatMap(({ rule, spans }, index): Closure[] =>
    spanAt(spans, instant) === undefined
      ? []
      : [{ kind: "freeze", index, rule: rule.text, reason: rule.reason }],
  );
  const outside = windows.length > 0 && !windows.some(({ spans }) => spanAt(spans, instant));
  return outside ? [...frozen, { kind: "outside", reason: "outside of the change window" }] : frozen;
}

/** The zone of the rule that begins or ends at an instant; of a window rather than of a freeze. */
function zoneAt({ windows, freezes }: Layout, instant: number): string {
  const rules = [...windows, ...freezes];
  const touching = rules.find(({ spans }) =>
    spans.some(({ start, end }) => start === instant || end === instant),
  );
  return (touching ?? rules[0]!).rule.zone;
}
