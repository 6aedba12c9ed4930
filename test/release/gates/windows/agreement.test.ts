import { describe, expect, it } from "vitest";
import { freezes, windows } from "../../../../src/config/windows/windows.ts";
import { type ChangeCalendar, judgeWindows } from "../../../../src/release/gates/windows/windows.ts";
import { seededRandom } from "../../../../src/testing/testing.ts";
import { propertyRuns } from "../../../support/property-runs.ts";
import * as wall from "./wall-clock.ts";
import { day, minute } from "./wall-clock.ts";

const zones = ["America/New_York", "Europe/Berlin"] as const;
const years = [2026, 2027];

/** The nights in which the clocks of the two zones change. */
const changes = [
  "2026-03-08T07:00Z",
  "2026-11-01T06:00Z",
  "2027-03-14T07:00Z",
  "2026-03-29T01:00Z",
  "2026-10-25T01:00Z",
  "2027-03-28T01:00Z",
].map((text) => Date.parse(text));

/** The same rule as a config has it, and as anybody would work it out with a wall clock. */
interface Rule {
  readonly title: string;
  readonly window?: (zone: string) => unknown;
  readonly freeze?: (zone: string) => unknown;
  readonly applies: (clock: wall.Clock) => wall.Applies;
}

const reason = "The books are closed";
const rules: readonly Rule[] = [
  {
    title: "working hours of weekdays",
    window: (zone) => `Mon-Thu 09:00-16:00 ${zone}`,
    applies: (clock) => wall.weekly(clock, [1, 2, 3, 4], 9 * 60, 16 * 60),
  },
  {
    title: "hours in which clocks are changed",
    window: (zone) => `Sat,Sun 01:15-02:45 ${zone}`,
    applies: (clock) => wall.weekly(clock, [6, 0], 75, 165),
  },
  {
    title: "hours over midnight",
    window: (zone) => `Wed,Sat 22:00-02:30 ${zone}`,
    applies: (clock) => wall.weekly(clock, [3, 6], 22 * 60, 26 * 60 + 30),
  },
  {
    title: "the last Friday of each month",
    window: (zone) => ({
      rrule: "FREQ=MONTHLY;BYDAY=-1FR",
      start: "2026-01-01T09:00",
      duration: "PT7H",
      zone,
    }),
    applies: (clock) => wall.lastWeekdayOfMonth(clock, 5, "09:00", 7 * 60, years),
  },
  {
    title: "the last Sunday of each month, which in Berlin may be the day of the change",
    window: (zone) => ({
      rrule: "FREQ=MONTHLY;BYDAY=-1SU",
      start: "2026-01-01T02:30",
      duration: "PT5H",
      zone,
    }),
    applies: (clock) => wall.lastWeekdayOfMonth(clock, 0, "02:30", 5 * 60, years),
  },
  {
    title: "a freeze of the last week of each quarter",
    freeze: (zone) => ({ lastWeekOf: "quarter", zone, reason }),
    applies: (clock) => wall.lastWeekOfQuarter(clock),
  },
  {
    title: "a freeze of some days",
    freeze: (zone) => ({ from: "2026-10-24", until: "2026-11-01", zone, reason }),
    applies: (clock) => wall.range(clock, "2026-10-24T00:00", "2026-11-02T00:00"),
  },
  {
    title: "a freeze that begins and ends in hours that come twice",
    freeze: (zone) => ({ from: "2026-10-25T02:30", until: "2026-11-01T01:30", zone, reason }),
    applies: (clock) => wall.range(clock, "2026-10-25T02:30", "2026-11-01T01:30"),
  },
  {
    title: "a freeze that begins and ends in hours that never come",
    freeze: (zone) => ({ from: "2026-03-08T02:30", until: "2026-03-29T02:30", zone, reason }),
    applies: (clock) => wall.range(clock, "2026-03-08T02:30", "2026-03-29T02:30"),
  },
];

const { numRuns } = propertyRuns(200);

/** Half of them within two days of a change of clocks. */
function instants(seed: number): Date[] {
  const random = seededRandom(seed);
  const between = (from: number, until: number) => from + Math.floor(random() * (until - from));
  return Array.from({ length: numRuns }, (_, index) => {
    if (index % 2 === 0) return new Date(between(Date.UTC(2026, 0, 15), Date.UTC(2027, 5, 1)));
    const change = changes[between(0, changes.length)]!;
    return new Date(between(change - 2 * day, change + 2 * day));
  });
}

function calendarOf(chosen: readonly Rule[], zone: string): ChangeCalendar {
  return {
    windows: windows.parse(chosen.flatMap(({ window }) => window?.(zone) ?? [])),
    freezes: freezes.parse(chosen.flatMap(({ freeze }) => freeze?.(zone) ?? [])),
  };
}

function openByWallClock(chosen: readonly Rule[], zone: string): wall.Applies {
  const clock = wall.clockOf(zone);
  const [allow, deny] = [
    chosen.filter(({ window }) => window).map(({ applies }) => applies(clock)),
    chosen.filter(({ freeze }) => freeze).map(({ applies }) => applies(clock)),
  ];
  return (at) => (allow.length === 0 || allow.some((rule) => rule(at))) && !deny.some((rule) => rule(at));
}

/** What the wall clock says against a verdict: at once, at the change that the verdict announces, and until then. */
async function disagreements(
  calendar: ChangeCalendar,
  isOpen: wall.Applies,
  now: Date,
  random: () => number,
): Promise<string[]> {
  const verdict = await judgeWindows(calendar, now);
  const at = now.getTime();
  const found = isOpen(at) === verdict.open ? [] : [`${now.toISOString()} is judged ${String(verdict.open)}`];
  const change = (verdict.open ? verdict.closesAt : verdict.opensAt)?.getTime();
  if (change === undefined) return found;
  // Each minute of the last half an hour, and thirty instants of all the time before.
  const before = [
    ...Array.from({ length: 30 }, (_, index) => change - (index + 1) * minute),
    ...Array.from({ length: 30 }, () => at + Math.floor(random() * (change - at))),
  ].filter((instant) => instant > at);
  const early = before.filter((instant) => isOpen(instant) !== verdict.open);
  const late = isOpen(change) === verdict.open ? [change] : [];
  return [
    ...found,
    ...[...early, ...late].map(
      (instant) =>
        `${now.toISOString()} changes at ${new Date(change).toISOString()}, not ${new Date(instant).toISOString()}`,
    ),
  ];
}

describe.each(zones)("random instants in %s are judged as by a clock on the wall", (zone) => {
  it.each([...rules.map((rule) => [rule.title, [rule]] as const), ["all of it together", rules] as const])(
    "for %s",
    async (_title, chosen) => {
      const calendar = calendarOf(chosen, zone);
      const isOpen = openByWallClock(chosen, zone);
      const random = seededRandom(4);
      const wrong: string[] = [];
      const seen = new Set<boolean>();
      for (const now of instants(zones.indexOf(zone) + 1)) {
        wrong.push(...(await disagreements(calendar, isOpen, now, random)));
        seen.add(isOpen(now.getTime()));
      }
      expect(wrong).toEqual([]);
      // A rule that never came into it would agree with anything.
      expect(seen.size).toBe(2);
    },
  );
});
