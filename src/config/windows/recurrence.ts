/** The parts of an RRULE by their name. */
export type RecurrenceParts = ReadonlyMap<string, string>;

/**
 * An RRULE of RFC 5545 (3.3.10) as change windows have them: it repeats by day, week, month or year. What the RFC leaves
 * open, or programs answer in different ways, is refused with the way to say it.
 */
export function parseRecurrence(text: string): { parts: RecurrenceParts } | { problem: string } {
  const parts = new Map<string, string>();
  for (const part of text
    .trim()
    .toUpperCase()
    .replace(/^RRULE:/, "")
    .split(";")) {
    const [, name, value] = /^([A-Z]+)=(.+)$/.exec(part) ?? [];
    if (name === undefined || value === undefined) {
      return { problem: `${JSON.stringify(part)} must be NAME=value, as in FREQ=MONTHLY;BYDAY=-1FR` };
    }
    if (parts.has(name)) return { problem: `${name} must stand once` };
    const problem = partProblem(name, value);
    if (problem !== undefined) return { problem };
    parts.set(name, value);
  }
  const problem = combinationProblem(parts);
  return problem === undefined ? { parts } : { problem };
}

const weekday = /^(MO|TU|WE|TH|FR|SA|SU)$/;

/** What one value of a part looks like, and how to say so. */
const syntax: Readonly<Record<string, { readonly fits: (value: string) => boolean; readonly is: string }>> = {
  FREQ: {
    fits: (value) => /^(DAILY|WEEKLY|MONTHLY|YEARLY)$/.test(value),
    is: "DAILY, WEEKLY, MONTHLY or YEARLY",
  },
  INTERVAL: { fits: whole(1, 1000), is: "a whole number from 1 to 1000" },
  COUNT: { fits: whole(1, 1000), is: "a whole number from 1 to 1000" },
  UNTIL: { fits: isUntil, is: "the last day, 20271231, or a time in UTC, 20271231T225959Z" },
  WKST: { fits: (value) => weekday.test(value), is: "a day such as MO" },
  BYMONTH: { fits: listOf(whole(1, 12)), is: "months from 1 to 12" },
  BYMONTHDAY: { fits: listOf(ordinal(31)), is: "days of the month, 1 to 31, or -1 to -31 from its end" },
  BYYEARDAY: { fits: listOf(ordinal(366)), is: "days of the year, 1 to 366, or -1 to -366 from its end" },
  BYDAY: { fits: listOf(isDay), is: "days such as MO,WE or -1FR (the last Friday)" },
  BYHOUR: { fits: listOf(whole(0, 23)), is: "hours from 0 to 23" },
  BYSETPOS: { fits: listOf(ordinal(366)), is: "positions such as 1 (the first) or -1 (the last)" },
};

const refused: Readonly<Record<string, string>> = {
  BYWEEKNO: "programs differ about weeks that lie in two years: use BYMONTH with BYMONTHDAY or BYDAY",
  BYMINUTE: "the minute is that of `start`",
  BYSECOND: "windows begin at whole minutes, at that of `start`",
  DTSTART: "the first time is `start`",
  EXDATE: "days that do not count are `exclude`",
};

function partProblem(name: string, value: string): string | undefined {
  const part = syntax[name];
  if (part === undefined || !Object.hasOwn(syntax, name)) {
    return `${name} is not possible here: ${refused[name] ?? `known parts: ${Object.keys(syntax).join(", ")}`}`;
  }
  return part.fits(value) ? undefined : `${name}=${value} must be ${part.is}`;
}

function combinationProblem(parts: RecurrenceParts): string | undefined {
  const frequency = parts.get("FREQ");
  const has = (name: string) => parts.has(name);
  if (frequency === undefined) return "FREQ is missing: it must be DAILY, WEEKLY, MONTHLY or YEARLY";
  if (has("COUNT") && has("UNTIL")) return "COUNT and UNTIL cannot stand together: take one of them";
  if (has("BYMONTHDAY") && frequency === "WEEKLY")
    return "BYMONTHDAY cannot stand with FREQ=WEEKLY: take FREQ=MONTHLY";
  if (has("BYYEARDAY") && frequency !== "YEARLY")
    return `BYYEARDAY cannot stand with FREQ=${frequency}: take FREQ=YEARLY`;
  if (/\d/.test(parts.get("BYDAY") ?? "") && (frequency === "DAILY" || frequency === "WEEKLY")) {
    return `BYDAY=${parts.get("BYDAY") ?? ""} numbers its days, which FREQ=${frequency} cannot: take FREQ=MONTHLY or YEARLY`;
  }
  const days = ["BYDAY", "BYMONTHDAY", "BYYEARDAY"].filter(has);
  if (frequency === "YEARLY" && days.length > 1) {
    return `programs differ about ${days.join(" with ")} in FREQ=YEARLY: take FREQ=MONTHLY, with BYMONTH for some months only`;
  }
  if (frequency === "YEARLY" && has("BYMONTHDAY") && !has("BYMONTH")) {
    return "BYMONTHDAY in FREQ=YEARLY means that day of every month: name the month with BYMONTH, or take FREQ=MONTHLY";
  }
  if (has("BYSETPOS") && ![...days, ...["BYMONTH", "BYHOUR"].filter(has)].length) {
    return "BYSETPOS chooses among what other parts name, and there are none: add BYDAY or BYMONTHDAY";
  }
  return undefined;
}

function listOf(fits: (value: string) => boolean): (value: string) => boolean {
  return (value) => value.split(",").every(fits);
}

function whole(low: number, high: number): (value: string) => boolean {
  return (value) => /^\d+$/.test(value) && Number(value) >= low && Number(value) <= high;
}

function ordinal(high: number): (value: string) => boolean {
  return (value) => whole(1, high)(value.replace(/^[+-]/, ""));
}

function isDay(value: string): boolean {
  const [, position, day = ""] = /^([+-]?\d+)?(..)$/.exec(value) ?? [];
  return weekday.test(day) && (position === undefined || ordinal(53)(position));
}

function isUntil(value: string): boolean {
  const [, year, month, day, hour = "00", minute = "00", second = "00"] =
    /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})Z)?$/.exec(value) ?? [];
  if (year === undefined) return false;
  const time = `${year}-${month ?? ""}-${day ?? ""}T${hour}:${minute}:${second}.000Z`;
  return !Number.isNaN(Date.parse(time)) && new Date(time).toISOString() === time;
}
