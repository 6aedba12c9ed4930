import { z } from "zod";
import { nearest } from "../problems.ts";

/** An IANA time zone that this Node knows: `Europe/Berlin`, or `UTC`. */
export const timeZone = z.string().superRefine((name, context) => {
  const message = zoneProblem(name);
  if (message !== undefined) context.addIssue({ code: "custom", message });
});

/** What is wrong with the name of a zone; undefined for a good one. */
export function zoneProblem(name: string): string | undefined {
  if (name === "UTC") return undefined;
  const known = Intl.supportedValuesOf("timeZone");
  if (known.includes(name)) return undefined;
  const meant = canonical(name);
  // The list has each zone once; the other names of the same zone (Asia/Kolkata) are known all the same.
  if (meant !== undefined && /^[A-Z]\w+\/[A-Z]/.test(name)) return undefined;
  const places = abbreviations[name.toUpperCase()];
  if (places !== undefined) {
    return `${JSON.stringify(name)} names no place, and clocks change by place; write it as Region/City: ${places}`;
  }
  const close = sameLetters(name, known) ?? meant ?? nearest(name, known);
  return `${JSON.stringify(name)} is no time zone; write Region/City as the IANA database has it: ${close ?? "Europe/Berlin, America/New_York or UTC"}`;
}

/** Several of these are read as a zone by Intl, but not as the one that their writer means: EST is Panama's. */
const abbreviations: Readonly<Record<string, string>> = {
  ...names("America/New_York", "EST EDT ET EST5EDT"),
  ...names("America/Chicago, or Asia/Shanghai", "CST CDT CT CST6CDT"),
  ...names("America/Denver, or America/Phoenix, which has no summer time", "MST MDT MT MST7MDT"),
  ...names("America/Los_Angeles", "PST PDT PT PST8PDT"),
  ...names("Europe/London, or UTC", "GMT BST WET WEST Z GMT0 GMT+0 GMT-0"),
  ...names("Europe/Berlin", "CET CEST MET MEST MEZ MESZ"),
  ...names("Europe/Helsinki", "EET EEST"),
  ...names("Asia/Kolkata, Europe/Dublin or Asia/Jerusalem", "IST"),
  ...names("Asia/Tokyo", "JST"),
  ...names("Australia/Sydney, or Australia/Brisbane, which has no summer time", "AEST AEDT"),
};

function names(place: string, list: string): Record<string, string> {
  return Object.fromEntries(list.split(" ").map((name) => [name, place]));
}

function canonical(name: string): string | undefined {
  // An offset is read by Intl too, and is no zone: it has no summer time.
  if (!/^[a-z]/i.test(name)) return undefined;
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

/** `new york` and `america/new_york` are America/New_York. */
function sameLetters(name: string, known: readonly string[]): string | undefined {
  const letters = (text: string) => text.toLowerCase().replaceAll(/[^a-z/]/g, "");
  const wanted = letters(name);
  return wanted === ""
    ? undefined
    : known.find((zone) => letters(zone) === wanted || letters(zone).endsWith(`/${wanted}`));
}
