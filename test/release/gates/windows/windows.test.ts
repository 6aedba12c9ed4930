import { describe, expect, it } from "vitest";
import { freezes, windows } from "../../../../src/config/windows/windows.ts";
import { judgeWindows, windowsText } from "../../../../src/release/gates/windows/windows.ts";

interface Calendar {
  readonly windows?: unknown[];
  readonly freezes?: unknown[];
}

const judge = (calendar: Calendar, at: string) =>
  judgeWindows(
    { windows: windows.parse(calendar.windows ?? []), freezes: freezes.parse(calendar.freezes ?? []) },
    new Date(at),
  );

/** The pieces of time in which deploys may start, as the verdicts themselves tell them, one after the other. */
async function openings(calendar: Calendar, from: string, count: number): Promise<string[]> {
  const found: string[] = [];
  let at = from;
  while (found.length < count) {
    const verdict = await judge(calendar, at);
    const opens = verdict.open ? at : iso(verdict.opensAt);
    const opened = await judge(calendar, opens);
    if (!opened.open) throw new Error(`${opens} is not open`);
    at = iso(opened.closesAt);
    found.push(`${opens} ${at}`);
  }
  return found;
}

const iso = (date: Date | null) => {
  if (date === null) throw new Error("there is no change in sight");
  return date.toISOString().replace(/:00\.000Z$/, "Z");
};
const text = async (calendar: Calendar, at: string) => windowsText(await judge(calendar, at), new Date(at));

const office = "Mon-Thu 09:00-16:00 America/New_York";
const outside = { kind: "outside", reason: "outside of the change window" };
const yearEnd = {
  from: "2026-12-20",
  until: "2027-01-03",
  zone: "America/New_York",
  reason: "Year-end close",
};
const yearEndClosure = {
  kind: "freeze",
  index: 0,
  rule: "2026-12-20 to the end of 2027-01-03, America/New_York",
  reason: "Year-end close",
};

describe("change windows", () => {
  it("allow everything where there are none", async () => {
    expect(await judge({}, "2026-11-21T00:00Z")).toMatchObject({ open: true, closesAt: null, closing: [] });
  });

  it("are open from their first instant to just before their end", async () => {
    const calendar = { windows: [office] };
    expect(await judge(calendar, "2026-11-23T13:59:59.999Z")).toMatchObject({ open: false });
    expect(await judge(calendar, "2026-11-23T14:00Z")).toEqual({
      open: true,
      closesAt: new Date("2026-11-23T21:00Z"),
      closing: [outside],
      zone: "America/New_York",
    });
    expect(await judge(calendar, "2026-11-23T20:59:59.999Z")).toMatchObject({ open: true });
    expect(await judge(calendar, "2026-11-23T21:00Z")).toEqual({
      open: false,
      closedBy: [outside],
      opensAt: new Date("2026-11-24T14:00Z"),
      zone: "America/New_York",
    });
  });

  it("that meet or overlap close together", async () => {
    const calendar = {
      windows: ["Mon 09:00-12:00 UTC", "Mon 12:00-15:00 UTC", "Mon 14:00-17:00 Europe/London"],
    };
    expect(await openings(calendar, "2026-11-23T10:00Z", 1)).toEqual(["2026-11-23T10:00Z 2026-11-23T17:00Z"]);
  });

  it("over midnight belong to the day on which they begin", async () => {
    expect(await openings({ windows: ["Fri 22:00-02:00 UTC"] }, "2026-11-23T00:00Z", 2)).toEqual([
      "2026-11-27T22:00Z 2026-11-28T02:00Z",
      "2026-12-04T22:00Z 2026-12-05T02:00Z",
    ]);
  });

  it("may be far away, up to 400 days", async () => {
    const yearly = { rrule: "FREQ=YEARLY", start: "2026-01-05T09:00", duration: "PT1H", zone: "UTC" };
    expect(await judge({ windows: [yearly] }, "2026-01-05T10:00Z")).toMatchObject({
      opensAt: new Date("2027-01-05T09:00Z"),
    });
    const everyOther = { ...yearly, rrule: "FREQ=YEARLY;INTERVAL=2" };
    expect(await judge({ windows: [everyOther] }, "2026-01-05T10:00Z")).toMatchObject({
      open: false,
      opensAt: null,
      closedBy: [outside],
    });
  });

  it("that never close have no end in sight", async () => {
    expect(await judge({ windows: ["Mon-Sun all-day UTC"] }, "2026-11-21T00:00Z")).toMatchObject({
      open: true,
      closesAt: null,
    });
  });
});

describe("freezes", () => {
  it("go before windows, and say why", async () => {
    const calendar = { windows: [office], freezes: [yearEnd] };
    expect(await judge(calendar, "2026-12-21T15:00Z")).toEqual({
      open: false,
      closedBy: [yearEndClosure],
      opensAt: new Date("2027-01-04T14:00Z"),
      zone: "America/New_York",
    });
  });

  it("are all told, and so is that no window is open", async () => {
    const calendar = {
      windows: [office],
      freezes: [
        yearEnd,
        { weekly: "Fri all-day UTC", reason: "Nobody is here tomorrow" },
        { lastWeekOf: "year", zone: "UTC", reason: "Nobody is here" },
      ],
    };
    const verdict = await judge(calendar, "2026-12-27T15:00Z");
    expect(verdict).toMatchObject({
      closedBy: [
        yearEndClosure,
        { kind: "freeze", index: 2, rule: "last week of each year, UTC", reason: "Nobody is here" },
        outside,
      ],
    });
  });

  it("close a window that is open, and are named before they do", async () => {
    const calendar = { windows: [office], freezes: [{ ...yearEnd, from: "2026-12-21T12:00" }] };
    expect(await judge(calendar, "2026-12-21T15:00Z")).toMatchObject({
      open: true,
      closesAt: new Date("2026-12-21T17:00Z"),
      closing: [{ kind: "freeze", reason: "Year-end close" }],
    });
  });

  it("that end within a window open it there", async () => {
    const calendar = { windows: [office], freezes: [{ ...yearEnd, until: "2026-12-22T10:30" }] };
    expect(await openings(calendar, "2026-12-21T00:00Z", 1)).toEqual(["2026-12-22T15:30Z 2026-12-22T21:00Z"]);
  });

  it("that follow each other are one closed time", async () => {
    const calendar = {
      freezes: [
        { from: "2026-12-01", until: "2026-12-05", zone: "UTC", reason: "a" },
        { from: "2026-12-06", until: "2026-12-10", zone: "UTC", reason: "b" },
      ],
    };
    expect(await judge(calendar, "2026-12-02T00:00Z")).toMatchObject({
      opensAt: new Date("2026-12-11T00:00Z"),
    });
  });

  it("that leave no opening within 400 days say so", async () => {
    const calendar = { windows: ["Mon all-day UTC"], freezes: [{ weekly: "Mon all-day UTC", reason: "x" }] };
    expect(await judge(calendar, "2026-11-23T00:00Z")).toMatchObject({ open: false, opensAt: null });
  });

  it("two weeks before a day end as it begins", async () => {
    const freeze = { before: "2027-03-01", weeks: 2, zone: "Europe/Berlin", reason: "Launch" };
    expect(await judge({ freezes: [freeze] }, "2027-01-01T00:00Z")).toMatchObject({
      closesAt: new Date("2027-02-14T23:00Z"),
    });
    expect(await judge({ freezes: [freeze] }, "2027-02-20T00:00Z")).toMatchObject({
      opensAt: new Date("2027-02-28T23:00Z"),
    });
  });

  it("may take away one opening after the other", async () => {
    const calendar = {
      windows: [
        { rrule: "FREQ=MONTHLY;BYMONTHDAY=24", start: "2026-01-24T09:00", duration: "PT1H", zone: "UTC" },
      ],
      freezes: [{ lastWeekOf: "month", zone: "UTC", reason: "Close" }],
    };
    expect(await openings(calendar, "2027-03-24T10:00Z", 1)).toEqual(["2027-05-24T09:00Z 2027-05-24T10:00Z"]);
  });

  it.each([
    ["month", ["2027-02-22T00:00Z", "2027-03-01T00:00Z", "2027-03-25T00:00Z"]],
    ["quarter", ["2027-03-25T00:00Z", "2027-04-01T00:00Z", "2027-06-24T00:00Z"]],
    ["year", ["2027-12-25T00:00Z", "2028-01-01T00:00Z", "2028-12-25T00:00Z"]],
  ])(
    "of the last week of each %s are its last seven days",
    async (lastWeekOf, [closes, opens, closesAgain]) => {
      const calendar = { freezes: [{ lastWeekOf, zone: "UTC", reason: "Close" }] };
      expect(await openings(calendar, "2027-02-01T00:00Z", 2)).toEqual([
        `2027-02-01T00:00Z ${closes ?? ""}`,
        `${opens ?? ""} ${closesAgain ?? ""}`,
      ]);
    },
  );
});

describe("a recurrence", () => {
  const rule = (fields: object) => ({
    windows: [{ rrule: "FREQ=DAILY", start: "2026-11-02T09:00", duration: "PT1H", zone: "UTC", ...fields }],
  });

  it("does not count its start where that does not fit the rule", async () => {
    expect(await openings(rule({ rrule: "FREQ=MONTHLY;BYDAY=-1FR" }), "2026-11-01T00:00Z", 2)).toEqual([
      "2026-11-27T09:00Z 2026-11-27T10:00Z",
      "2026-12-25T09:00Z 2026-12-25T10:00Z",
    ]);
  });

  it("keeps to its interval from its start on", async () => {
    const calendar = rule({ rrule: "FREQ=WEEKLY;INTERVAL=2", start: "2020-01-06T09:00" });
    expect(await openings(calendar, "2026-11-01T00:00Z", 2)).toEqual([
      "2026-11-02T09:00Z 2026-11-02T10:00Z",
      "2026-11-16T09:00Z 2026-11-16T10:00Z",
    ]);
  });

  it("may have several hours a day", async () => {
    expect(await openings(rule({ rrule: "FREQ=DAILY;BYHOUR=9,14" }), "2026-11-02T00:00Z", 2)).toEqual([
      "2026-11-02T09:00Z 2026-11-02T10:00Z",
      "2026-11-02T14:00Z 2026-11-02T15:00Z",
    ]);
  });

  it("ends after its count", async () => {
    const calendar = rule({ rrule: "FREQ=DAILY;COUNT=2" });
    expect(await judge(calendar, "2026-11-02T10:00Z")).toMatchObject({
      opensAt: new Date("2026-11-03T09:00Z"),
    });
    expect(await judge(calendar, "2026-11-03T10:00Z")).toMatchObject({ opensAt: null });
  });

  it.each([
    ["a day of its zone, which is the last", "20261103", "America/New_York", "2026-11-03T14:00Z"],
    ["an instant, which is the last start", "20261103T140000Z", "America/New_York", "2026-11-03T14:00Z"],
    ["an instant just before a start", "20261103T135959Z", "America/New_York", "2026-11-02T14:00Z"],
  ])("ends with %s", async (_what, until, zone, last) => {
    const calendar = rule({ rrule: `FREQ=DAILY;UNTIL=${until}`, zone });
    expect(await judge(calendar, last)).toMatchObject({ open: true });
    const over = new Date(Date.parse(last) + 3_600_000).toISOString();
    expect(await judge(calendar, over)).toMatchObject({ open: false, opensAt: null });
  });

  it("leaves out the excluded days and times, which still count", async () => {
    const calendar = rule({
      rrule: "FREQ=DAILY;BYHOUR=9,14;COUNT=6",
      exclude: ["2026-11-02", "2026-11-03T14:00"],
    });
    expect(await openings(calendar, "2026-11-01T00:00Z", 3)).toEqual([
      "2026-11-03T09:00Z 2026-11-03T10:00Z",
      "2026-11-04T09:00Z 2026-11-04T10:00Z",
      "2026-11-04T14:00Z 2026-11-04T15:00Z",
    ]);
  });

  it("that began long ago and lasts is still on", async () => {
    const calendar = rule({ rrule: "FREQ=YEARLY", start: "2026-01-01T00:00", duration: "P360D" });
    expect(await judge(calendar, "2026-12-20T00:00Z")).toMatchObject({
      open: true,
      closesAt: new Date("2026-12-27T00:00Z"),
    });
  });

  it("of many hours of elapsed time keeps them over a change of clocks before", async () => {
    const calendar = rule({
      rrule: "FREQ=YEARLY",
      start: "2026-02-20T00:00",
      duration: "PT720H",
      zone: "America/New_York",
    });
    expect(await judge(calendar, "2026-03-15T00:00Z")).toMatchObject({
      closesAt: new Date("2026-03-22T05:00Z"),
    });
  });

  it("that can never come is closed, and costs nothing to judge", async () => {
    const calendar = rule({ rrule: "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=1000", start: "1970-01-01" });
    expect(await judge(calendar, "2026-12-20T00:00Z")).toMatchObject({ open: false, opensAt: null });
  });
});

describe("where clocks go forward (New York, 2026-03-08, from 02:00 to 03:00)", () => {
  const zone = "America/New_York";
  const gap = "2026-03-08T07:00Z";
  const early = "2026-03-08T04:30Z";

  it("hours that begin in the gap begin at its end", async () => {
    expect(await openings({ windows: [`Sun 02:30-05:00 ${zone}`] }, early, 1)).toEqual([
      `${gap} 2026-03-08T09:00Z`,
    ]);
  });

  it("hours that end in the gap end as it begins", async () => {
    expect(await openings({ windows: [`Sun 01:00-02:30 ${zone}`] }, early, 1)).toEqual([
      `2026-03-08T06:00Z ${gap}`,
    ]);
  });

  it("hours within the gap do not come that day", async () => {
    expect(await openings({ windows: [`Sun 02:15-02:45 ${zone}`] }, early, 1)).toEqual([
      "2026-03-15T06:15Z 2026-03-15T06:45Z",
    ]);
  });

  it("a recurrence that begins in the gap begins at its end, and lasts as long as ever", async () => {
    const daily = { rrule: "FREQ=DAILY", start: "2026-03-01T02:30", duration: "PT2H", zone };
    expect(await openings({ windows: [daily] }, early, 2)).toEqual([
      `${gap} 2026-03-08T09:00Z`,
      "2026-03-09T06:30Z 2026-03-09T08:30Z",
    ]);
  });

  it("a freeze by recurrence is not lifted for the day", async () => {
    const daily = {
      rrule: "FREQ=DAILY",
      start: "2026-03-01T02:30",
      duration: "PT2H",
      zone,
      reason: "Backup",
    };
    expect(await judge({ freezes: [daily] }, "2026-03-08T07:10Z")).toMatchObject({ open: false });
  });
});

describe("where clocks go back (New York, 2026-11-01, from 02:00 to 01:00)", () => {
  const zone = "America/New_York";
  const early = "2026-11-01T04:30Z";

  it("hours over it are longer", async () => {
    expect(await openings({ windows: [`Sun 01:00-02:00 ${zone}`] }, early, 1)).toEqual([
      "2026-11-01T05:00Z 2026-11-01T07:00Z",
    ]);
  });

  it("hours within it are open in both passes, as the clock shows them", async () => {
    expect(await openings({ windows: [`Sun 01:15-01:45 ${zone}`] }, early, 2)).toEqual([
      "2026-11-01T05:15Z 2026-11-01T05:45Z",
      "2026-11-01T06:15Z 2026-11-01T06:45Z",
    ]);
  });

  it("a recurrence begins in the first pass and lasts its duration", async () => {
    const daily = { rrule: "FREQ=DAILY", start: "2026-10-01T01:30", duration: "PT1H", zone };
    expect(await openings({ windows: [daily] }, early, 1)).toEqual(["2026-11-01T05:30Z 2026-11-01T06:30Z"]);
  });

  it("a day is 25 hours, and 24 hours are 24", async () => {
    const whole = (duration: string) => ({
      windows: [{ rrule: "FREQ=WEEKLY;BYDAY=SU", start: "2026-10-04", duration, zone }],
    });
    expect(await openings(whole("P1D"), "2026-11-01T03:00Z", 1)).toEqual([
      "2026-11-01T04:00Z 2026-11-02T05:00Z",
    ]);
    expect(await openings(whole("PT24H"), "2026-11-01T03:00Z", 1)).toEqual([
      "2026-11-01T04:00Z 2026-11-02T04:00Z",
    ]);
  });

  it("a freeze is one piece from the first pass of its begin to the last of its end", async () => {
    const freeze = (from: string, until: string) => ({ freezes: [{ from, until, zone, reason: "x" }] });
    expect(await judge(freeze("2026-11-01T01:30", "2026-11-02T00:00"), early)).toMatchObject({
      closesAt: new Date("2026-11-01T05:30Z"),
    });
    expect(await judge(freeze("2026-10-30T00:00", "2026-11-01T01:30"), early)).toMatchObject({
      opensAt: new Date("2026-11-01T06:30Z"),
    });
    expect(await judge(freeze("2026-11-01T01:30", "2026-11-02T00:00"), "2026-11-01T06:15Z")).toMatchObject({
      open: false,
    });
  });
});

describe("the text", () => {
  const calendar = { windows: [office], freezes: [yearEnd] };

  it("says from when deploys may start, by the window's clocks, from now and in UTC", async () => {
    expect(await text(calendar, "2026-11-21T00:00Z")).toBe(
      "outside of the change window; opens Mon 2026-11-23 09:00 EST (America/New_York), in 2 days 14 h (2026-11-23T14:00Z)",
    );
  });

  it("says what is frozen, and why", async () => {
    expect(await text(calendar, "2026-12-21T15:00Z")).toBe(
      "frozen: Year-end close (2026-12-20 to the end of 2027-01-03, America/New_York); " +
        "opens Mon 2027-01-04 09:00 EST (America/New_York), in 13 days 23 h (2027-01-04T14:00Z)",
    );
  });

  it("says until when they may, and what comes then", async () => {
    expect(await text({ windows: ["Mon 09:00-16:00 Europe/Berlin"] }, "2026-11-23T14:54:30Z")).toBe(
      "open until Mon 2026-11-23 16:00 CET (Europe/Berlin), in 6 min (2026-11-23T15:00Z); then outside of the change window",
    );
  });

  it.each([
    ["2026-11-23T13:59:59Z", "in 1 min "],
    ["2026-11-23T12:00:00Z", "in 2 h "],
    ["2026-11-23T11:57:00Z", "in 2 h 3 min "],
    ["2026-11-22T14:00:00Z", "in 1 day "],
  ])("at %s says %s", async (at, distance) => {
    expect(await text(calendar, at)).toContain(`, ${distance}(`);
  });

  it("names the zone of each window, also where English has no name for its time", async () => {
    const both = { windows: [office, "Mon 09:00-10:00 Asia/Tokyo"] };
    expect(await text(both, "2026-11-22T00:00Z")).toContain(
      "opens Mon 2026-11-23 09:00 GMT+9 (Asia/Tokyo), ",
    );
    expect(await text(both, "2026-11-23T00:30Z")).toContain(
      "open until Mon 2026-11-23 10:00 GMT+9 (Asia/Tokyo), ",
    );
    expect(await text(both, "2026-11-23T02:00Z")).toContain(
      "opens Mon 2026-11-23 09:00 EST (America/New_York), ",
    );
  });

  it("says that there is no opening in sight", async () => {
    const never = {
      windows: ["Mon all-day UTC"],
      freezes: [{ weekly: "Mon all-day UTC", reason: "Nobody may" }],
    };
    expect(await text(never, "2026-11-24T00:00Z")).toBe(
      "outside of the change window; does not open within the next 400 days: " +
        "look at the windows and freezes of the environment",
    );
  });
});
