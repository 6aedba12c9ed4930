import { z } from "zod";
import { isDay, localTime, wallText, wallTime } from "./local-time.ts";
import { parseRecurrence } from "./recurrence.ts";
import { timeZone } from "./time-zone.ts";
import { parseWeekly, weeklyExample, type WeeklyRule } from "./weekly.ts";

export { isDay, wallTime } from "./local-time.ts";
export { parseRecurrence } from "./recurrence.ts";
export { weekly, type WeeklyRule } from "./weekly.ts";

/** A recurrence of RFC 5545: each occurrence begins when the clock shows it, and lasts. */
export interface RecurrenceRule {
  readonly kind: "recurrence";
  readonly rrule: string;
  /** When the recurrence begins, and the time of day of each occurrence: `2026-01-01T09:00`. */
  readonly start: string;
  /** Days of the calendar, then minutes of elapsed time (RFC 5545, 3.3.6). */
  readonly days: number;
  readonly minutes: number;
  readonly exclude: readonly string[];
  readonly zone: string;
  readonly text: string;
}

/** One piece of time, by a zone's clocks: from the first time that they show its begin to the last that they show its end. */
export interface RangeRule {
  readonly kind: "range";
  /** `2026-12-20T00:00` */
  readonly from: string;
  /** Exclusive. */
  readonly until: string;
  readonly zone: string;
  readonly text: string;
}

/** The last seven days of each month, quarter or year. */
export interface LastWeekRule {
  readonly kind: "last-week";
  readonly of: "month" | "quarter" | "year";
  readonly zone: string;
  readonly text: string;
}

export type WindowRule = WeeklyRule | RecurrenceRule;
export type FreezeRule = (WindowRule | RangeRule | LastWeekRule) & { readonly reason: string };

const zone = timeZone.describe(
  "An IANA time zone, such as America/New_York, by whose clocks the times are meant.",
);
const reason = z
  .string()
  .trim()
  .min(1, "must say why")
  .max(200)
  .regex(/^\P{Cc}*$/u, "must be one line")
  .describe("Why: whoever is held by it reads this.");

const weeklyForm = z
  .string()
  .describe(
    `Days, hours and time zone of each week: \`${weeklyExample}\`, \`Mon-Thu,Sat 22:00-02:00 Europe/Berlin\` (over midnight, ` +
      "named by the day on which it begins), `Sat,Sun all-day UTC`.",
  )
  .transform((text, context): WeeklyRule => {
    const rule = parseWeekly(text);
    if (!("problem" in rule)) return rule;
    context.addIssue({ code: "custom", message: rule.problem });
    return z.NEVER;
  });

const recurrenceFields = {
  rrule: z
    .string()
    .superRefine((text, context) => {
      const parsed = parseRecurrence(text);
      if ("problem" in parsed) context.addIssue({ code: "custom", message: parsed.problem });
    })
    .describe("An RRULE of RFC 5545 that repeats by day, week, month or year: `FREQ=MONTHLY;BYDAY=-1FR`."),
  start: localTime.describe(
    "When the recurrence begins, and the time of day of each occurrence: `2026-01-01T09:00`. It counts itself only where it fits the rule.",
  ),
  duration: z
    .string()
    .transform((text, context) => {
      const length = parseDuration(text);
      if (length !== undefined) return length;
      context.addIssue({
        code: "custom",
        message: `${JSON.stringify(text)} must be an ISO 8601 duration of whole minutes, at most 366 days, such as PT7H, P1D or P1DT12H`,
      });
      return z.NEVER;
    })
    .describe("How long each occurrence lasts, as ISO 8601 has it: `PT7H`, `P1D`, `P2W`; at most 366 days."),
  zone,
  exclude: z
    .array(localTime)
    .default([])
    .describe("Days whose occurrences do not count, or single occurrences by their time."),
};

const recurrence = z.strictObject(recurrenceFields).transform(toRecurrence);

const windowRule = z.union([weeklyForm, recurrence], {
  error: ({ input }) =>
    weeklyProblem(input) ??
    `must be a text such as \`${weeklyExample}\`, or { rrule, start, duration, zone }`,
});

const rangeForm = z
  .strictObject({
    from: localTime.describe("The first frozen day, or minute."),
    until: localTime.describe(
      "The last frozen day (it is frozen whole), or the minute at which the freeze ends.",
    ),
    zone,
    reason,
  })
  .transform((value, context): RangeRule & { reason: string } => {
    const until = isDay(value.until) ? wallTime(value.until) + dayMs : wallTime(value.until);
    if (wallTime(value.from) >= until) {
      context.addIssue({
        code: "custom",
        path: ["until"],
        message: `${JSON.stringify(value.until)} must be after \`from\` (${value.from})`,
      });
    }
    const text = `${value.from} to ${isDay(value.until) ? "the end of " : ""}${value.until}, ${value.zone}`;
    return { ...rangeOf(wallTime(value.from), until, value.zone, text), reason: value.reason };
  });

const beforeForm = z
  .strictObject({
    before: localTime.describe(
      "The day, or minute, at which the freeze ends: `2027-03-01` ends it as that day begins.",
    ),
    weeks: z.number().int().min(1).max(52).describe("How many weeks before it the freeze begins."),
    zone,
    reason,
  })
  .transform(({ before, weeks, zone, reason }): RangeRule & { reason: string } => {
    const text = `${String(weeks)} ${weeks === 1 ? "week" : "weeks"} before ${before}, ${zone}`;
    return { ...rangeOf(wallTime(before) - weeks * 7 * dayMs, wallTime(before), zone, text), reason };
  });

const lastWeekForm = z
  .strictObject({
    lastWeekOf: z
      .enum(["quarter", "month", "year"])
      .describe(
        "The last seven days of each quarter, month or year, up to the midnight at which the next one begins.",
      ),
    zone,
    reason,
  })
  .transform(({ lastWeekOf, zone, reason }): LastWeekRule & { reason: string } => ({
    kind: "last-week",
    of: lastWeekOf,
    zone,
    text: `last week of each ${lastWeekOf}, ${zone}`,
    reason,
  }));

const freezeRule = z.union(
  [
    rangeForm,
    beforeForm,
    lastWeekForm,
    z.strictObject({ weekly: weeklyForm, reason }).transform(({ weekly, reason }) => ({ ...weekly, reason })),
    z
      .strictObject({ ...recurrenceFields, reason })
      .transform(({ reason, ...rule }) => ({ ...toRecurrence(rule), reason })),
  ],
  {
    error: ({ input }) =>
      typeof input === "string"
        ? `a freeze says why: { weekly: ${JSON.stringify(input)}, reason: ... }`
        : "must be { from, until, zone, reason }, { before, weeks, zone, reason }, { lastWeekOf, zone, reason }, " +
          "{ weekly, reason } or { rrule, start, duration, zone, reason }",
  },
);

/** `windows` of an environment. */
export const windows = z
  .array(windowRule)
  .default([])
  .describe("When deploys may start: in any of these windows. None: at any time.");

/** `freezes` of an environment. */
export const freezes = z
  .array(freezeRule)
  .default([])
  .describe("When deploys may not start, whatever the windows say. Each has a reason.");

const dayMs = 86_400_000;

function rangeOf(from: number, until: number, zone: string, text: string): RangeRule {
  return { kind: "range", from: wallText(from), until: wallText(until), zone, text };
}

function toRecurrence(rule: z.output<z.ZodObject<typeof recurrenceFields>>): RecurrenceRule {
  const { rrule, start, duration, exclude, zone } = rule;
  const { text, ...length } = duration;
  return {
    kind: "recurrence",
    rrule,
    start,
    ...length,
    exclude,
    zone,
    text: `${rrule} from ${start} for ${text}, ${zone}`,
  };
}

/** RFC 5545 has no months and years in a duration; we have no seconds. */
function parseDuration(text: string): { text: string; days: number; minutes: number } | undefined {
  const [all, weeks = 0, days = 0, hours = 0, minutes = 0] =
    /^P(?:(\d{1,2})W)?(?:(\d{1,3})D)?(?:T(?=\d)(?:(\d{1,4})H)?(?:(\d{1,6})M)?)?$/.exec(text) ?? [];
  const length = {
    days: Number(weeks) * 7 + Number(days),
    minutes: Number(hours) * 60 + Number(minutes),
  };
  const total = length.days * 1440 + length.minutes;
  return all === undefined || total === 0 || total > 366 * 1440 ? undefined : { text, ...length };
}

/** A union answers what its own branch says of a text, not that no branch fits. */
function weeklyProblem(input: unknown): string | undefined {
  if (typeof input !== "string") return undefined;
  const rule = parseWeekly(input);
  return "problem" in rule ? rule.problem : undefined;
}
