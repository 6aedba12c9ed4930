/**
 * Windows and freezes once more, for the tests: by what Intl says that a zone's clocks show, one minute at a time. Slow,
 * and nothing of it is shared with what is tested.
 */
export type Applies = (at: number) => boolean;

export const minute = 60_000;
export const day = 24 * 60 * minute;

export interface Shown {
  /** `2026-11-01` */
  readonly date: string;
  /** `2026-11-01T01:30` */
  readonly time: string;
  /** Minutes after midnight. */
  readonly minutes: number;
}

export type Clock = (at: number) => Shown;

export function clockOf(zone: string): Clock {
  const format = new Intl.DateTimeFormat("sv-SE", {
    timeZone: zone,
    dateStyle: "short",
    timeStyle: "short",
  });
  return (at) => {
    const text = format.format(at);
    const minutes = Number(text.slice(11, 13)) * 60 + Number(text.slice(14, 16));
    return { date: text.slice(0, 10), time: text.replace(" ", "T"), minutes };
  };
}

/** Hours of weekdays (0 is Sunday); `until` may be over 24 hours. */
export function weekly(clock: Clock, weekdays: readonly number[], from: number, until: number): Applies {
  return (at) => {
    const { date, minutes } = clock(at);
    const today = new Date(date).getUTCDay();
    return (
      (weekdays.includes(today) && minutes >= from && minutes < until) ||
      (weekdays.includes((today + 6) % 7) && minutes + 24 * 60 < until)
    );
  };
}

/** Each last weekday of a month: so many minutes from the first at which the clock shows that time of it or later. */
export function lastWeekdayOfMonth(
  clock: Clock,
  weekday: number,
  time: string,
  lengthMinutes: number,
  years: readonly number[],
): Applies {
  const starts = years.flatMap((year) =>
    Array.from({ length: 12 }, (_, month) => {
      const last = new Date(Date.UTC(year, month + 1, 0));
      while (last.getUTCDay() !== weekday) last.setTime(last.getTime() - day);
      const wanted = `${last.toISOString().slice(0, 10)}T${time}`;
      return firstMinute(last.getTime() - day, (at) => clock(at).time >= wanted);
    }),
  );
  return (at) => starts.some((start) => start <= at && at < start + lengthMinutes * minute);
}

function firstMinute(from: number, holds: Applies): number {
  for (let at = from; ; at += minute) if (holds(at)) return at;
}

/** The last seven days of March, June, September and December. */
export function lastWeekOfQuarter(clock: Clock): Applies {
  return (at) => {
    const [, month, date] = clock(at).date.split("-").map(Number);
    return (month === 3 || month === 12 ? date! >= 25 : date! >= 24) && month! % 3 === 0;
  };
}

/** From the first minute at which the clock shows `from` or later to the last at which it shows less than `until`. */
export function range(clock: Clock, from: string, until: string): Applies {
  // A change of clocks moves them by less than the whole, and by more than one step.
  const around = Array.from({ length: 12 }, (_, index) => (index + 1) * 15 * minute);
  const isNear = (time: string, other: string) =>
    Math.abs(Date.parse(`${time}Z`) - Date.parse(`${other}Z`)) < 4 * 60 * minute;
  return (at) => {
    const { time } = clock(at);
    const begun =
      time >= from || (isNear(time, from) && around.some((back) => clock(at - back).time >= from));
    const over =
      time >= until && !(isNear(time, until) && around.some((ahead) => clock(at + ahead).time < until));
    return begun && !over;
  };
}
