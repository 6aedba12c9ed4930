import { severities, type Severity } from "../model/finding.ts";

/** CVSS v3 and v4 have the same bands; 0 is no vulnerability there. */
export function severityOfScore(score: number): Severity {
  if (score >= 9) return "critical";
  if (score >= 7) return "high";
  if (score >= 4) return "medium";
  return score > 0 ? "low" : "info";
}

/** Words that tools use. Undefined for one that none is known to use. */
export function severityOfWord(word: string): Severity | undefined {
  return words.get(word.trim().toLowerCase());
}

const words: ReadonlyMap<string, Severity> = new Map([
  ["critical", "critical"],
  ["blocker", "critical"],
  ["high", "high"],
  ["important", "high"],
  ["error", "high"],
  ["medium", "medium"],
  ["moderate", "medium"],
  ["warning", "medium"],
  ["low", "low"],
  ["minor", "low"],
  ["note", "low"],
  ["negligible", "info"],
  ["info", "info"],
  ["information", "info"],
  ["informational", "info"],
  ["none", "info"],
]);

export function graver(one: Severity, other: Severity): Severity {
  return severities.indexOf(one) <= severities.indexOf(other) ? one : other;
}

export function compareSeverity(one: Severity, other: Severity): number {
  return severities.indexOf(one) - severities.indexOf(other);
}
