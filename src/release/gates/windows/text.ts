import { type Closure, daysAhead, type WindowsVerdict } from "./verdict.ts";

/**
 * The verdict in one line, for people: `outside of the change window; opens Mon 2026-11-23 09:00 EST (America/New_York),
 * in 2 days 14 h (2026-11-23T14:00Z)`.
 */
export function windowsText(verdict: WindowsVerdict, now: Date): string {
  if (!verdict.open) {
    const opens =
      verdict.opensAt === null
        ? `does not open within the next ${daysAhead} days: look at the windows and freezes of the environment`
        : `opens ${moment(verdict.opensAt, verdict.zone, now)}`;
    return `${verdict.closedBy.map(closureText).join("; ")}; ${opens}`;
  }
  if (verdict.closesAt === null) return `open, and does not close within the next ${daysAhead} days`;
  const then = verdict.closing.map(closureText).join("; ");
  return `open until ${moment(verdict.closesAt, verdict.zone, now)}; then ${then}`;
}

function closureText(closure: Closure): string {
  return closure.kind === "freeze" ? `frozen: ${closure.reason} (${closure.rule})` : closure.reason;
}

function moment(at: Date, zone: string, now: Date): string {
  const instant = at.toISOString().replace(/:00\.000Z$/, "Z");
  return `${zoneTime(at, zone)} (${zone}), in ${distance(at.getTime() - now.getTime())} (${instant})`;
}

/** `Mon 2026-11-23 09:00 EST` */
function zoneTime(at: Date, zone: string): string {
  const { weekday, year, month, day, hour, minute } = partsOf(at, zone, "en-US");
  // Each English has short names for the zones of its own readers, and GMT+1 for all others.
  const names = ["en-US", "en-GB", "en-AU", "en-IN"].map((locale) => partsOf(at, zone, locale).timeZoneName);
  const name = names.find((text) => !text.startsWith("GMT")) ?? names[0]!;
  return `${weekday} ${year}-${month}-${day} ${hour}:${minute} ${name}`;
}

type Part = "weekday" | "year" | "month" | "day" | "hour" | "minute" | "timeZoneName";

function partsOf(at: Date, timeZone: string, locale: string): Record<Part, string> {
  const format = new Intl.DateTimeFormat(locale, {
    timeZone,
    hourCycle: "h23",
    weekday: "short",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    timeZoneName: "short",
  });
  return Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value])) as Record<
    Part,
    string
  >;
}

/** `2 days 14 h`, `14 h 5 min`, `5 min`: rounded up to minutes, then down to the two largest units. */
function distance(milliseconds: number): string {
  const minutes = Math.ceil(milliseconds / 60_000);
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60)];
  const parts =
    days > 0
      ? [`${String(days)} ${days === 1 ? "day" : "days"}`, ...(hours > 0 ? [`${String(hours)} h`] : [])]
      : [
          ...(hours > 0 ? [`${String(hours)} h`] : []),
          ...(minutes % 60 > 0 || hours === 0 ? [`${String(minutes % 60)} min`] : []),
        ];
  return parts.join(" ");
}
