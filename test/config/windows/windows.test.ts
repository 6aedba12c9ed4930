import { describe, expect, it } from "vitest";
import { z } from "zod";
import { problemsOf } from "../../../src/config/issues.ts";
import { pathText } from "../../../src/config/problems.ts";
import { freezes, weekly, windows } from "../../../src/config/windows/windows.ts";

const schema = z.strictObject({ windows, freezes });

/** What is wrong with one window or freeze, each with its place in it. */
function refusals(list: "windows" | "freezes", entry: unknown): string[] {
  const input = { [list]: [entry] };
  const parsed = schema.safeParse(input);
  if (parsed.success) throw new Error("it was accepted");
  return problemsOf(parsed.error.issues, input, schema).map(
    ({ path, message }) => `${pathText(path).replace(`${list}[0]`, "")}: ${message}`,
  );
}

const window = (entry: unknown) => windows.parse([entry])[0];
const freeze = (entry: unknown) => freezes.parse([entry])[0];
const friday = { rrule: "FREQ=MONTHLY;BYDAY=-1FR", start: "2026-01-01T09:00", duration: "PT7H", zone: "UTC" };

describe("a window in its short form", () => {
  it("is the same as text and from weekly()", () => {
    const text = "Mon-Thu 09:00-16:00 America/New_York";
    expect(weekly("Mon-Thu", "09:00-16:00", "America/New_York")).toBe(text);
    expect(window(text)).toEqual({
      kind: "weekly",
      days: [1, 2, 3, 4],
      fromMinute: 540,
      untilMinute: 960,
      zone: "America/New_York",
      text,
    });
  });

  it.each([
    ["Mon-Thu,Sat", [1, 2, 3, 4, 6]],
    ["Fri-Mon", [1, 5, 6, 7]],
    ["Sun", [7]],
    ["sat,SUN,sat", [6, 7]],
  ])("takes the days %s", (days, numbers) => {
    expect(window(`${days} all-day UTC`)).toMatchObject({ days: numbers });
  });

  it.each([
    ["22:00-02:00", 1320, 1560],
    ["22:00-00:00", 1320, 1440],
    ["9:30-24:00", 570, 1440],
    ["all-day", 0, 1440],
  ])("takes the hours %s", (hours, fromMinute, untilMinute) => {
    expect(window(`Mon ${hours} UTC`)).toMatchObject({ fromMinute, untilMinute });
  });

  it.each([
    [
      "Mon-Thu 09:00-16:00",
      'must be days, hours and a time zone, such as "?Mon-Thu 09:00-16:00 America/New_York',
    ],
    ["Monday 09:00-16:00 UTC", '"Monday" must be a day or days such as Mon, Mon-Thu'],
    ["Mon-Tue-Wed all-day UTC", '"Mon-Tue-Wed" must be a day or days'],
    ["Mon 9-16 UTC", '"9-16" must be hours such as 09:00-16:00'],
    ["Mon 09:60-16:00 UTC", '"09:60-16:00" must be hours'],
    ["Mon 09:00-25:00 UTC", '"09:00-25:00" must be hours'],
    ["Mon 24:00-02:00 UTC", '"24:00-02:00" must be hours'],
    ["Mon 09:00-09:00 UTC", "for the whole day write all-day"],
    ["Mon 09:00-16:00 EST", '"EST" names no place, .*America/New_York'],
  ])("is refused as %s", (text, message) => {
    expect(refusals("windows", text)).toEqual([expect.stringMatching(new RegExp(`^: .*${message}`))]);
  });
});

describe("a time zone", () => {
  it.each([
    "America/New_York",
    "Europe/Berlin",
    "Asia/Kolkata",
    "US/Eastern",
    "UTC",
    "America/Argentina/Ushuaia",
  ])("may be %s", (zone) => {
    expect(window({ ...friday, zone })).toMatchObject({ zone });
  });

  it.each([
    ["EST", "America/New_York"],
    ["cst", "America/Chicago, or Asia/Shanghai"],
    ["IST", "Asia/Kolkata, Europe/Dublin or Asia/Jerusalem"],
    ["EST5EDT", "America/New_York"],
    ["GMT", "Europe/London, or UTC"],
    ["Japan", "Asia/Tokyo"],
    ["Berlin", "Europe/Berlin"],
    ["new york", "America/New_York"],
    ["america/new_york", "America/New_York"],
    ["Europe/Berln", "Europe/Berlin"],
    ["+01:00", "Europe/Berlin, America/New_York or UTC"],
    ["", "Europe/Berlin, America/New_York or UTC"],
  ])("may not be %s, and the remedy is %s", (zone, remedy) => {
    const [refusal = "", ...more] = refusals("windows", { ...friday, zone });
    expect(more).toEqual([]);
    expect(refusal).toContain(`.zone: ${JSON.stringify(zone)} `);
    expect(refusal.endsWith(`: ${remedy}`)).toBe(true);
  });
});

describe("a window by RFC 5545", () => {
  it("has a rule, a first time and a duration", () => {
    expect(window({ ...friday, duration: "P1DT2H30M", exclude: ["2026-12-25"] })).toEqual({
      kind: "recurrence",
      rrule: friday.rrule,
      start: friday.start,
      days: 1,
      minutes: 150,
      exclude: ["2026-12-25"],
      zone: "UTC",
      text: "FREQ=MONTHLY;BYDAY=-1FR from 2026-01-01T09:00 for P1DT2H30M, UTC",
    });
  });

  it.each([
    "FREQ=DAILY;INTERVAL=2;COUNT=10",
    "RRULE:FREQ=WEEKLY;BYDAY=MO,WE;WKST=SU;UNTIL=20271231T225959Z",
    "freq=monthly;bymonthday=13;byday=fr",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;UNTIL=20271231",
    "FREQ=YEARLY;BYMONTH=3,6;BYDAY=-1FR",
    "FREQ=YEARLY;BYYEARDAY=-1",
    "FREQ=DAILY;BYHOUR=9,14",
  ])("takes %s", (rrule) => {
    expect(window({ ...friday, rrule })).toMatchObject({ rrule });
  });

  it.each([
    ["every friday", '"EVERY FRIDAY" must be NAME=value'],
    ["BYDAY=MO", "FREQ is missing"],
    ["FREQ=HOURLY", "FREQ=HOURLY must be DAILY, WEEKLY, MONTHLY or YEARLY"],
    ["FREQ=DAILY;FREQ=DAILY", "FREQ must stand once"],
    ["FREQ=DAILY;BYDAYS=MO", "BYDAYS is not possible here: known parts: FREQ, INTERVAL"],
    ["FREQ=DAILY;CONSTRUCTOR=1", "CONSTRUCTOR is not possible here: known parts"],
    ["FREQ=DAILY;BYMINUTE=30", "BYMINUTE is not possible here: the minute is that of `start`"],
    ["FREQ=YEARLY;BYWEEKNO=20", "BYWEEKNO is not possible here: .* use BYMONTH"],
    ["FREQ=DAILY;INTERVAL=0", "INTERVAL=0 must be a whole number from 1 to 1000"],
    ["FREQ=DAILY;COUNT=2;UNTIL=20270101", "COUNT and UNTIL cannot stand together"],
    ["FREQ=DAILY;UNTIL=20270230", "UNTIL=20270230 must be the last day"],
    ["FREQ=DAILY;UNTIL=20270101T090000", "UNTIL=20270101T090000 must be .* a time in UTC"],
    ["FREQ=WEEKLY;BYDAY=1MO", "BYDAY=1MO numbers its days.*take FREQ=MONTHLY"],
    ["FREQ=WEEKLY;BYMONTHDAY=1", "take FREQ=MONTHLY"],
    ["FREQ=MONTHLY;BYYEARDAY=1", "take FREQ=YEARLY"],
    ["FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY=32 must be days of the month"],
    ["FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY=0 must be days of the month"],
    ["FREQ=YEARLY;BYYEARDAY=365;BYDAY=FR", "programs differ about BYDAY with BYYEARDAY"],
    ["FREQ=YEARLY;BYMONTHDAY=20", "name the month with BYMONTH"],
    ["FREQ=DAILY;BYSETPOS=1", "add BYDAY or BYMONTHDAY"],
  ])("is refused as %s", (rrule, message) => {
    expect(refusals("windows", { ...friday, rrule })).toEqual([
      expect.stringMatching(new RegExp(`^\\.rrule: .*${message}`)),
    ]);
  });

  it.each(["P1Y", "PT0M", "P", "PT", "PT30S", "7h", "P400D", "-PT1H"])("may not last %s", (duration) => {
    expect(refusals("windows", { ...friday, duration })).toEqual([
      `.duration: ${JSON.stringify(duration)} must be an ISO 8601 duration of whole minutes, at most 366 days, such as PT7H, P1D or P1DT12H`,
    ]);
  });

  it("is refused with everything that is wrong at once", () => {
    expect(
      refusals("windows", { rrule: "FREQ=DAILY", start: "2026-02-30", zone: "EST", exclude: ["soon"] }),
    ).toEqual([
      expect.stringMatching(/^\.start: "2026-02-30" is no day of the calendar/),
      expect.stringMatching(/^\.duration: is missing/),
      expect.stringMatching(/^\.zone: "EST" /),
      expect.stringMatching(/^\.exclude\[0\]: "soon" must be a day such as 2026-12-20/),
    ]);
  });
});

describe("a freeze", () => {
  const reason = "Year-end close";

  it("from a day until a day has that day in it", () => {
    expect(freeze({ from: "2026-12-20", until: "2027-01-03", zone: "UTC", reason })).toEqual({
      kind: "range",
      from: "2026-12-20T00:00",
      until: "2027-01-04T00:00",
      zone: "UTC",
      text: "2026-12-20 to the end of 2027-01-03, UTC",
      reason,
    });
  });

  it("from a minute until a minute ends at that minute", () => {
    expect(
      freeze({ from: "2026-12-20T18:00", until: "2026-12-20T19:30", zone: "UTC", reason }),
    ).toMatchObject({ from: "2026-12-20T18:00", until: "2026-12-20T19:30" });
  });

  it("before a day ends as the day begins, and begins weeks earlier", () => {
    expect(freeze({ before: "2027-03-01", weeks: 2, zone: "UTC", reason })).toEqual({
      kind: "range",
      from: "2027-02-15T00:00",
      until: "2027-03-01T00:00",
      zone: "UTC",
      text: "2 weeks before 2027-03-01, UTC",
      reason,
    });
  });

  it.each(["month", "quarter", "year"])("may be the last week of each %s", (lastWeekOf) => {
    expect(freeze({ lastWeekOf, zone: "UTC", reason })).toEqual({
      kind: "last-week",
      of: lastWeekOf,
      zone: "UTC",
      text: `last week of each ${lastWeekOf}, UTC`,
      reason,
    });
  });

  it("may be weekly hours or a recurrence, with a reason", () => {
    expect(freeze({ weekly: "Fri 12:00-24:00 UTC", reason })).toMatchObject({
      kind: "weekly",
      days: [5],
      reason,
    });
    expect(freeze({ ...friday, reason })).toMatchObject({ kind: "recurrence", minutes: 420, reason });
  });

  it.each([
    ["Fri all-day UTC", [/^: a freeze says why: \{ weekly: "Fri all-day UTC", reason: \.\.\. \}/]],
    [{ from: "2026-12-20", until: "2027-01-03", zone: "UTC" }, [/^\.reason: is missing/]],
    [{ lastWeekOf: "quarter", zone: "UTC", reason: "  " }, [/^\.reason: /]],
    [{ lastWeekOf: "quarter", zone: "UTC", reason: "a\nb" }, [/^\.reason: must be one line/]],
    [{ lastWeekOf: "qarter", zone: "UTC", reason }, [/^\.lastWeekOf: .* did you mean quarter\?/]],
    [
      { from: "2026-12-20", until: "2026-12-19", zone: "UTC", reason },
      [/^\.until: "2026-12-19" must be after `from` \(2026-12-20\)/],
    ],
    [
      { from: "2026-12-20T10:00Z", until: "2026-12-21", zone: "UTC", reason },
      [/^\.from: "2026-12-20T10:00Z" has an offset; .* such as 2026-12-20T10:00/],
    ],
    [{ before: "2027-03-01", weeks: 0, zone: "UTC", reason }, [/^\.weeks: must be at least 1/]],
    [null, [/^: must be \{ from, until, zone, reason \}/]],
  ])("is refused as %j", (entry, messages) => {
    expect(refusals("freezes", entry)).toEqual(messages.map((message) => expect.stringMatching(message)));
  });
});

it("a config without windows and freezes has none", () => {
  expect(schema.parse({})).toEqual({ windows: [], freezes: [] });
});

it("what is in the schema is described for editors", () => {
  const { properties } = z.toJSONSchema(schema, { io: "input" });
  expect(undescribed(properties)).toEqual([]);
});

/** The names of the fields, at any depth, that an editor would have nothing to say about. */
function undescribed(properties: unknown): string[] {
  return Object.entries((properties ?? {}) as Record<string, Shape>).flatMap(([name, shape]) => [
    ...(shape.description === undefined ? [name] : []),
    ...[shape, ...(shape.items?.anyOf ?? [])].flatMap((inner) => undescribed(inner.properties)),
  ]);
}

interface Shape {
  readonly description?: string;
  readonly properties?: Record<string, Shape>;
  readonly items?: { readonly anyOf?: readonly Shape[] };
}
