import {
  isDay,
  parseRecurrence,
  wallTime,
  type FreezeRule,
  type LastWeekRule,
  type RecurrenceRule,
  type WeeklyRule,
  type WindowRule,
} from "../../../config/config.ts";
import { unreachable } from "../../../model/errors.ts";
import type { Span } from "./spans.ts";
import type { ZoneClock } from "./zone-clock.ts";

const minuteMs = 60_000;
export const dayMs = 24 * 60 * minuteMs;
/** More than a zone's clocks can differ from UTC, and than one change of them. */
const slackMs = 2 * dayMs;
/** The longest that one occurrence can have begun before it is over. */
export const longestMs = 366 * dayMs + slackMs;

/** All time between two instants that a rule is about; spans may overlap, and reach beyond the two. */
export async function occurrences(
  rule: WindowRule | FreezeRule,
  clock: ZoneClock,
  { start, end }: Span,
): Promise<Span[]> {
  switch (rule.kind) {
    case "weekly":
      return weekly(rule, clock, { start, end });
    case "recurrence":
      return recurrence(rule, clock, { start, end });
    case "range":
      return clock.piece(wallTime(rule.from), wallTime(rule.until));
    case "last-week":
      return lastWeeks(rule, clock, { start, end });
    default:
      return unreachable(rule);
  }
}

/** Hours are what the clock shows: in the night that has an hour twice, both passes of it count. */
function weekly(rule: WeeklyRule, clock: ZoneClock, { start, end }: Span): Span[] {
  const spans: Span[] = [];
  // Over midnight, hours of the day before reach into a day; and clocks are up to a day from UTC.
  for (let day = Math.floor(start / dayMs) * dayMs - slackMs; day < end + slackMs; day += dayMs) {
    if (!rule.days.includes(weekdayOf(day))) continue;
    spans.push(...clock.showing(day + rule.fromMinute * minuteMs, day + rule.untilMinute * minuteMs));
  }
  return spans;
}

/** 1 is Monday; the epoch began on a Thursday. */
function weekdayOf(day: number): number {
  return ((((day / dayMs + 3) % 7) + 7) % 7) + 1;
}

/**
 * The recurrence is asked for as if the zone were UTC, for two reasons: its days and hours are the local ones anyway, and
 * where an occurrence would begin in an hour that the clocks skip, the library leaves it out (RFC 5545, 3.3.10), which
 * would lift a freeze for a day.
 */
async function recurrence(rule: RecurrenceRule, clock: ZoneClock, { start, end }: Span): Promise<Span[]> {
  const [{ Temporal }, { RRuleTemporal }] = await Promise.all([
    import("temporal-polyfill"),
    import("rrule-temporal"),
  ]);
  const { rrule, isOver } = withoutUntil(rule);
  const lengthMs = rule.days * dayMs + rule.minutes * minuteMs;
  const starts = new RRuleTemporal({
    rruleString: rrule,
    dtstart: Temporal.PlainDateTime.from(rule.start).toZonedDateTime("UTC"),
    temporal: Temporal,
    strict: true,
    // Enough for COUNT=1000 of what comes once in four years; the config allows no more.
    maxIterations: 2_000_000,
  }).between(new Date(start - lengthMs - slackMs), new Date(end + slackMs), true);
  return starts
    .map((occurrence) => occurrence.epochMilliseconds)
    .filter((wall) => !isExcluded(rule, wall))
    .map((wall) => ({
      wall,
      start: clock.first(wall),
      end: clock.first(wall + rule.days * dayMs) + rule.minutes * minuteMs,
    }))
    .filter((span) => !isOver(span));
}

/** The end of a recurrence is an instant (or a day of the zone), so it is not for a rule that runs as if in UTC. */
function withoutUntil(rule: RecurrenceRule): {
  readonly rrule: string;
  readonly isOver: (occurrence: { readonly wall: number; readonly start: number }) => boolean;
} {
  const parsed = parseRecurrence(rule.rrule);
  if ("problem" in parsed) throw new Error(`${rule.text}: ${parsed.problem}`);
  const { UNTIL: until, ...parts } = Object.fromEntries(parsed.parts);
  const rrule = Object.entries(parts)
    .map(([name, value]) => `${name}=${value}`)
    .join(";");
  if (until === undefined) return { rrule, isOver: () => false };
  const [day, time] = until.split("T");
  const iso = day!.replace(/^(\d{4})(\d{2})/, "$1-$2-");
  if (time === undefined) return { rrule, isOver: ({ wall }) => wall >= wallTime(iso) + dayMs };
  const instant = Date.parse(`${iso}T${time.replace(/^(\d{2})(\d{2})/, "$1:$2:")}`);
  return { rrule, isOver: ({ start }) => start > instant };
}

function isExcluded(rule: RecurrenceRule, wall: number): boolean {
  return rule.exclude.some((excluded) => {
    const from = wallTime(excluded);
    return isDay(excluded) ? from <= wall && wall < from + dayMs : from === wall;
  });
}

function lastWeeks(rule: LastWeekRule, clock: ZoneClock, { start, end }: Span): Span[] {
  const spans: Span[] = [];
  const months = { month: 1, quarter: 3, year: 12 }[rule.of];
  const first = new Date(start - slackMs);
  for (let month = Math.floor(first.getUTCMonth() / months) * months; ; month += months) {
    const next = Date.UTC(first.getUTCFullYear(), month + months, 1);
    spans.push(...clock.piece(next - 7 * dayMs, next));
    if (next > end + slackMs) return spans;
  }
}
