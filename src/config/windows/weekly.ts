import { zoneProblem } from "./time-zone.ts";

/** Hours of the days of each week, as a zone's clocks show them. */
export interface WeeklyRule {
  readonly kind: "weekly";
  /** 1 is Monday, 7 Sunday; sorted. */
  readonly days: readonly number[];
  /** Minutes after midnight of the day. */
  readonly fromMinute: number;
  /** Exclusive; over 1440 when the hours end on the day after. */
  readonly untilMinute: number;
  readonly zone: string;
  /** The rule as people read it. */
  readonly text: string;
}

/**
 * A change window in its short form.
 *
 * @param days `"Mon-Thu"`, `"Mon-Thu,Sat"`, `"Fri-Mon"`
 * @param hours `"09:00-16:00"`, `"22:00-02:00"` (over midnight, named by the day on which it begins), `"all-day"`
 * @param zone an IANA time zone such as `"America/New_York"`
 */
export function weekly(days: string, hours: string, zone: string): string {
  return `${days} ${hours} ${zone}`;
}

export const weeklyExample = "Mon-Thu 09:00-16:00 America/New_York";
const dayNames = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const dayMinutes = 24 * 60;

/** The rule that a short form means, or what is wrong with it. */
export function parseWeekly(text: string): WeeklyRule | { readonly problem: string } {
  const [dayList = "", hours = "", zone = "", ...rest] = text.trim().split(/\s+/);
  if (zone === "" || rest.length > 0) {
    return {
      problem: `${JSON.stringify(text)} must be days, hours and a time zone, such as ${weeklyExample}`,
    };
  }
  const days = parseDays(dayList);
  if (typeof days === "string") return { problem: days };
  const minutes = parseHours(hours);
  if (typeof minutes === "string") return { problem: minutes };
  const problem = zoneProblem(zone);
  if (problem !== undefined) return { problem };
  return { kind: "weekly", days, ...minutes, zone, text: weekly(dayList, hours, zone) };
}

function parseDays(list: string): number[] | string {
  const days = new Set<number>();
  for (const part of list.split(",")) {
    const ends = part.split("-").map(dayNumber);
    const [first, last = first] = ends;
    if (ends.length > 2 || first === undefined || last === undefined || ends.includes(undefined)) {
      return `${JSON.stringify(part)} must be a day or days such as Mon, Mon-Thu or Mon-Thu,Sat (${dayNames.join(", ")})`;
    }
    for (let day = first; ; day = (day % 7) + 1) {
      days.add(day);
      if (day === last) break;
    }
  }
  return [...days].sort();
}

function dayNumber(name: string): number | undefined {
  const index = dayNames.findIndex((known) => known.toLowerCase() === name.toLowerCase());
  return index < 0 ? undefined : index + 1;
}

function parseHours(hours: string): Pick<WeeklyRule, "fromMinute" | "untilMinute"> | string {
  if (hours === "all-day") return { fromMinute: 0, untilMinute: dayMinutes };
  const [, from, until] = /^(\d{1,2}:\d{2})-(\d{1,2}:\d{2})$/.exec(hours) ?? [];
  const fromMinute = minuteOf(from);
  const untilMinute = minuteOf(until);
  if (fromMinute === undefined || untilMinute === undefined || fromMinute === dayMinutes) {
    return `${JSON.stringify(hours)} must be hours such as 09:00-16:00, 22:00-02:00 (over midnight) or all-day`;
  }
  if (fromMinute === untilMinute) {
    return `${JSON.stringify(hours)} begins and ends at once; for the whole day write all-day`;
  }
  return { fromMinute, untilMinute: untilMinute > fromMinute ? untilMinute : untilMinute + dayMinutes };
}

function minuteOf(time: string | undefined): number | undefined {
  const [hour = NaN, minute = NaN] = (time ?? "").split(":").map(Number);
  const minutes = hour * 60 + minute;
  return minute < 60 && minutes <= dayMinutes ? minutes : undefined;
}
