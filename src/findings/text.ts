import { longest } from "./limits.ts";

/** At most `limit` characters, the last of which say how many were left out. */
export function bounded(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const kept = text.slice(0, limit - noteLength).replace(/[\uD800-\uDBFF]$/, "");
  return `${kept}… (${String(text.length - kept.length)} more characters)`;
}

const noteLength = "… (1234567890 more characters)".length;

/** A page of the web, spelled as addresses are; undefined for anything else that a tool may name. */
export function webAddress(text: string | undefined): string | undefined {
  if (text === undefined || !/^https?:\/\//i.test(text)) return undefined;
  return URL.parse(text)?.href;
}

/** The first sentence or line that says something, for a title. */
export function firstLine(text: string, limit: number = longest.title): string {
  const line = text
    .slice(0, limit * 4)
    .split(/\r?\n/)
    .find((part) => part.trim() !== "");
  return bounded((line ?? "").trim(), limit);
}

const spelled = /\b(?:CVE-\d{4}-\d{4,19}|GHSA(?:-[23456789cfghjmpqrvwx]{4}){3}|RUSTSEC-\d{4}-\d{4})\b/gi;

/** Names of known faults in a text, as their catalogues spell them. */
export function vulnerabilityIds(text: string): string[] {
  return [...new Set(Array.from(text.slice(0, 10_000).matchAll(spelled), ([id]) => spelledId(id)))];
}

/** GHSA's letters are small, all others' are large. */
export function spelledId(id: string): string {
  const large = id.toUpperCase();
  return large.startsWith("GHSA-") ? `GHSA-${id.slice(5).toLowerCase()}` : large;
}

const weakness = /\bCWE-0*(\d{1,6})\b/gi;

/** `external/cwe/cwe-079` and `CWE-79: ...` are CWE-79. */
export function weaknessIds(texts: readonly string[]): string[] {
  if (texts.length === 0) return [];
  const found = texts.flatMap((text) =>
    Array.from(text.slice(0, 1_000).matchAll(weakness), ([, number]) => `CWE-${String(number)}`),
  );
  return [...new Set(found)].sort();
}
