import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { freezes, parseRecurrence, weekly, windows } from "../../../../src/config/windows/windows.ts";
import { type ChangeCalendar, judgeWindows } from "../../../../src/release/gates/windows/windows.ts";
import { propertyRuns } from "../../../support/property-runs.ts";

const zone = fc.constantFrom(
  "America/New_York",
  "Europe/Berlin",
  "Australia/Lord_Howe",
  "Africa/Casablanca",
  "Asia/Kolkata",
  "Pacific/Apia",
  "America/Havana",
  "UTC",
);
const weekday = fc.constantFrom("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun");
const minute = fc
  .integer({ min: 0, max: 95 })
  .map((quarter) => new Date(quarter * 15 * 60_000).toISOString().slice(11, 16));
const date = fc
  .integer({ min: 0, max: 900 })
  .map((days) => new Date(Date.UTC(2025, 6, 1 + days)).toISOString().slice(0, 10));
const localTime = fc.oneof(
  date,
  fc.tuple(date, minute).map(([day, time]) => `${day}T${time}`),
);
const duration = fc.constantFrom("PT15M", "PT7H", "PT24H", "P1D", "P1DT12H", "P2W", "P366D");

const days = fc.oneof(
  weekday,
  fc.tuple(weekday, weekday).map(([first, last]) => `${first}-${last}`),
  fc.tuple(weekday, weekday).map(([first, last]) => `${first},${last}`),
);
const hours = fc.oneof(
  fc.constant("all-day"),
  fc
    .tuple(minute, minute)
    .filter(([from, until]) => from !== until)
    .map(([from, until]) => `${from}-${until}`),
);
const weeklyText = fc.tuple(days, hours, zone).map(([on, during, place]) => weekly(on, during, place));

const list = <Value>(values: fc.Arbitrary<Value>) =>
  fc.uniqueArray(values, { minLength: 1, maxLength: 3 }).map((chosen) => chosen.join(","));
const ordinal = (high: number) => fc.integer({ min: -high, max: high }).filter((number) => number !== 0);
const code = weekday.map((name) => name.slice(0, 2).toUpperCase());
const part = <Value>(name: string, values: fc.Arbitrary<Value>, freq = 3) =>
  fc.option(
    values.map((value) => `${name}=${String(value)}`),
    { freq },
  );

/** Every combination that the config takes, and many that it does not. */
const anyRrule = fc
  .tuple(
    fc.constantFrom("DAILY", "WEEKLY", "MONTHLY", "YEARLY").map((frequency) => `FREQ=${frequency}`),
    part("INTERVAL", fc.integer({ min: 1, max: 1000 })),
    part("COUNT", fc.integer({ min: 1, max: 1000 }), 5),
    part("UNTIL", fc.constantFrom("20260601", "20270301T120000Z"), 5),
    part("BYMONTH", list(fc.integer({ min: 1, max: 12 }))),
    part("BYMONTHDAY", list(ordinal(31))),
    part("BYYEARDAY", list(ordinal(366)), 8),
    part(
      "BYDAY",
      fc.oneof(list(code), list(fc.tuple(ordinal(5), code).map(([at, name]) => `${String(at)}${name}`))),
    ),
    part("BYHOUR", list(fc.integer({ min: 0, max: 23 }))),
    part("BYSETPOS", ordinal(3), 6),
    part("WKST", code, 6),
  )
  .map((parts) => parts.filter((value) => value !== null).join(";"));
const recurrence = fc.record({
  rrule: anyRrule.filter((text) => "parts" in parseRecurrence(text)),
  start: localTime,
  duration,
  zone,
  exclude: fc.array(localTime, { maxLength: 2 }),
});

const reason = fc.constant("Because");
const freeze = fc.oneof(
  fc.record({ weekly: weeklyText, reason }),
  fc.tuple(recurrence, reason).map(([rule, why]) => ({ ...rule, reason: why })),
  fc.record({ lastWeekOf: fc.constantFrom("month", "quarter", "year"), zone, reason }),
  fc.record({ before: localTime, weeks: fc.integer({ min: 1, max: 52 }), zone, reason }),
  fc
    .record({ from: localTime, until: localTime, zone, reason })
    .filter((range) => freezes.safeParse([range]).success),
);
const calendar: fc.Arbitrary<ChangeCalendar> = fc
  .record({
    windows: fc.array(fc.oneof(weeklyText, recurrence), { maxLength: 4 }),
    freezes: fc.array(freeze, { maxLength: 4 }),
  })
  .map((config) => ({ windows: windows.parse(config.windows), freezes: freezes.parse(config.freezes) }));
const instant = fc
  .integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 6, 1) })
  .map((milliseconds) => new Date(milliseconds));

const isOpen = async (rules: ChangeCalendar, at: Date) => (await judgeWindows(rules, at)).open;
const minuteBefore = (at: Date) => new Date(at.getTime() - 60_000);

describe("for any calendar that the config takes, at any time", () => {
  it("there is a verdict, with its cause", async () => {
    await fc.assert(
      fc.asyncProperty(calendar, instant, async (rules, now) => {
        const verdict = await judgeWindows(rules, now);
        if (!verdict.open) expect(verdict.closedBy).not.toEqual([]);
        else if (verdict.closesAt !== null) expect(verdict.closing).not.toEqual([]);
      }),
      propertyRuns(50),
    );
  });

  it("deny beats allow: it is open where windows allow it and no freeze denies it", async () => {
    await fc.assert(
      fc.asyncProperty(calendar, instant, async (rules, now) => {
        const allowed = await isOpen({ ...rules, freezes: [] }, now);
        const denied = await Promise.all(
          rules.freezes.map(async (one) => !(await isOpen({ windows: [], freezes: [one] }, now))),
        );
        expect(await isOpen(rules, now)).toBe(allowed && !denied.includes(true));
      }),
      propertyRuns(25),
    );
  });

  it("it is open at opensAt, and not a minute before", async () => {
    await fc.assert(
      fc.asyncProperty(calendar, instant, async (rules, now) => {
        const verdict = await judgeWindows(rules, now);
        if (verdict.open || verdict.opensAt === null) return;
        expect(verdict.opensAt.getTime()).toBeGreaterThan(now.getTime());
        expect(await isOpen(rules, verdict.opensAt)).toBe(true);
        if (minuteBefore(verdict.opensAt) >= now) {
          expect(await isOpen(rules, minuteBefore(verdict.opensAt))).toBe(false);
        }
      }),
      propertyRuns(50),
    );
  });

  it("it is closed at closesAt, and not a minute before", async () => {
    await fc.assert(
      fc.asyncProperty(calendar, instant, async (rules, now) => {
        const verdict = await judgeWindows(rules, now);
        if (!verdict.open || verdict.closesAt === null) return;
        expect(await isOpen(rules, verdict.closesAt)).toBe(false);
        if (minuteBefore(verdict.closesAt) >= now) {
          expect(await isOpen(rules, minuteBefore(verdict.closesAt))).toBe(true);
        }
      }),
      propertyRuns(50),
    );
  });
});
