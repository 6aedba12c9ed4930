import { z } from "zod";

const form = /^(\d{4})-(\d{2})-(\d{2})(?:T([01]\d|2[0-3]):([0-5]\d))?$/;

/** A day, `2026-12-20`, or a minute, `2026-12-20T18:00`, of the clock of some zone. */
export const localTime = z.string().superRefine((text, context) => {
  const message = localTimeProblem(text);
  if (message !== undefined) context.addIssue({ code: "custom", message });
});

function localTimeProblem(text: string): string | undefined {
  if (/^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:?\d{2})$/i.test(text)) {
    return `${JSON.stringify(text)} has an offset; write the time that the zone's clocks show, such as ${text.slice(0, 16)}`;
  }
  const [, year, month, day] = form.exec(text) ?? [];
  if (year === undefined) {
    return `${JSON.stringify(text)} must be a day such as 2026-12-20, or a minute such as 2026-12-20T18:00`;
  }
  if (Number(year) < 1970 || Number(year) > 2199) {
    return `${JSON.stringify(text)} must be of a year from 1970 to 2199`;
  }
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return date.toISOString().startsWith(text.slice(0, 10))
    ? undefined
    : `${JSON.stringify(text)} is no day of the calendar`;
}

/** True for a whole day. */
export function isDay(text: string): boolean {
  return text.length === 10;
}

/** What a clock shows, as if it were UTC's, in milliseconds of the epoch; a day is its midnight. */
export function wallTime(text: string): number {
  return Date.parse(isDay(text) ? text : `${text}Z`);
}

/** The reverse of wallTime, to the minute. */
export function wallText(wall: number): string {
  return new Date(wall).toISOString().slice(0, 16);
}
