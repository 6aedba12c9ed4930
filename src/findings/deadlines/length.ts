import type { FindingsConfig, Length } from "../../config/config.ts";
import type { Deadline } from "../../model/finding.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Milliseconds of a time; a sprint's are the config's. */
export function lengthMs({ amount, unit }: Length, sprint: FindingsConfig["sprint"]): number {
  if (unit === "sprints") return amount * lengthMs(sprint, sprint);
  return amount * { hours: hourMs, days: dayMs, weeks: 7 * dayMs }[unit];
}

/**
 * Until when something has that was first seen at a time. What is given in hours ends with the hour; what is given in days
 * ends with the last of them, in UTC, which counts whole.
 */
export function deadlineAfter(since: Date, length: Length, sprint: FindingsConfig["sprint"]): Date {
  const end = since.getTime() + lengthMs(length, sprint);
  const smallest = length.unit === "sprints" ? sprint.unit : length.unit;
  return new Date(smallest === "hours" ? end : Math.floor(end / dayMs) * dayMs + dayMs - 1);
}

/** `2026-11-29`, or `2026-11-29 16:30 UTC` for one that ends within a day. */
export function momentText(time: string): string {
  const [day = "", clock = ""] = time.split("T");
  return clock.startsWith("23:59:59.999") ? day : `${day} ${clock.slice(0, 5)} UTC`;
}

/** `to be fixed by 2026-11-29, seen since 2026-11-22`. */
export function deadlineText({ since, until, passed }: Deadline): string {
  const by = passed ? "had to be fixed by" : "to be fixed by";
  return `${by} ${momentText(until)}, seen since ${since.slice(0, 10)}`;
}
