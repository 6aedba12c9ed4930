import type { Temporal } from "temporal-polyfill";
import type { Span } from "./spans.ts";

/**
 * The clocks of one zone over some time. What they show is a number too: milliseconds as if it were UTC (`wall`).
 * Where clocks go forward, some times are never shown; where they go back, some are shown twice.
 */
export interface ZoneClock {
  /** The instants at which the clocks show a time from `from` to before `until`; in pieces where they show it in two. */
  showing(from: number, until: number): Span[];
  /** From the first instant at which they show `from` or later to the last before they show `until`. */
  piece(from: number, until: number): Span[];
  /** The first instant at which they show `wall` or later: of two passes the first, after a gap its end. */
  first(wall: number): number;
}

/** The clocks of zones, right between the two instants. */
export async function zoneClocks(from: number, until: number): Promise<(zone: string) => ZoneClock> {
  const { Temporal } = await import("temporal-polyfill");
  const begin = Temporal.Instant.fromEpochMilliseconds(from);
  const known = new Map<string, ZoneClock>();
  return (zone) => {
    const clock = known.get(zone) ?? clockOf(stretchesFrom(begin.toZonedDateTimeISO(zone), until));
    known.set(zone, clock);
    return clock;
  };
}

/** A span in which a zone's clocks are not changed. */
interface Stretch extends Span {
  /** What they show less UTC, in milliseconds. */
  readonly offset: number;
}

function stretchesFrom(begin: Temporal.ZonedDateTime, until: number): Stretch[] {
  const stretches: Stretch[] = [];
  let at: Temporal.ZonedDateTime | null = begin;
  while (at !== null && at.epochMilliseconds < until) {
    const next: Temporal.ZonedDateTime | null = at.getTimeZoneTransition("next");
    stretches.push({
      start: at.epochMilliseconds,
      end: Math.min(next?.epochMilliseconds ?? until, until),
      offset: at.offsetNanoseconds / 1e6,
    });
    at = next;
  }
  return stretches;
}

function clockOf(stretches: readonly Stretch[]): ZoneClock {
  const showing = (from: number, until: number) =>
    stretches
      .map(({ start, end, offset }) => ({
        start: Math.max(start, from - offset),
        end: Math.min(end, until - offset),
      }))
      .filter(({ start, end }) => start < end);
  return {
    showing,
    piece: (from, until) => {
      const spans = showing(from, until);
      const [first, last] = [spans[0], spans.at(-1)];
      return first === undefined || last === undefined ? [] : [{ start: first.start, end: last.end }];
    },
    first: (wall) => {
      const stretch = stretches.find(({ end, offset }) => wall < end + offset) ?? stretches.at(-1)!;
      return Math.max(stretch.start, wall - stretch.offset);
    },
  };
}
