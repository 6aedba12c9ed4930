import { hash as digest } from "node:crypto";
import type { Finding, ToolFinding } from "../model/finding.ts";
import { spelledId, vulnerabilityIds } from "./text.ts";

/** The text of a file of the repository; undefined for one that is not there. */
export type SourceText = (path: string) => string | undefined;

/**
 * Gives each finding the names by which later runs know it again: of what is there, not of the line where it is.
 * @param sourceOf what is found in source is known by that source; without it, by what the tool quoted or calls it
 */
export function identify(
  findings: readonly ToolFinding[],
  sourceOf: SourceText,
): (ToolFinding & Pick<Finding, "fingerprints">)[] {
  const linesOf = linesBy(sourceOf);
  const seen = new Map<string, number>();
  // In the order of their places, so that the second of two that look the same is the second in the file.
  const places = findings
    .map((finding, at) => ({ finding, at }))
    .sort((one, other) => byPlace(one.finding, other.finding));
  const named: (ToolFinding & Pick<Finding, "fingerprints">)[] = [];
  for (const { finding, at } of places)
    named[at] = { ...finding, fingerprints: finding.fingerprints ?? fingerprintsOf(finding, linesOf, seen) };
  return named;
}

function fingerprintsOf(
  finding: ToolFinding,
  linesOf: Lines,
  seen: Map<string, number>,
): [string, ...string[]] {
  const { kind, rule, package: affected } = finding;
  const path = finding.locations[0]?.path ?? "";
  if (kind === "vulnerability") return vulnerabilityNames(finding, namesOf(finding));
  if (kind === "license") return [hash([kind, rule, affected?.ecosystem ?? "", affected?.name ?? path])];
  // Nothing of a secret's own text, not even a hash of it.
  const what = kind === "secret" ? "" : sourceAt(finding, linesOf);
  const base = hash([kind, rule, path, what]);
  const nth = (seen.get(base) ?? 0) + 1;
  seen.set(base, nth);
  return [hash([base, String(nth)])];
}

/** One for each name of the fault, whatever the version: an update that is as vulnerable is not a new finding. */
export function vulnerabilityNames(
  { rule, package: affected, locations }: Pick<ToolFinding, "rule" | "package" | "locations">,
  names: readonly string[],
): [string, ...string[]] {
  const where = affected === undefined ? ["", locations[0]?.path ?? ""] : [affected.ecosystem, affected.name];
  const named = (name: string) => hash(["vulnerability", name, ...where]);
  const [first = rule, ...others] = names;
  return [named(first), ...others.map(named)];
}

/** CVE before GHSA before others: the first is what people know it by. */
export function namesOf({ rule, aliases }: Pick<ToolFinding, "rule" | "aliases">): string[] {
  const names = [...new Set([...vulnerabilityIds(rule), ...aliases.map(spelledId)])];
  const rank = (name: string) => (name.startsWith("CVE-") ? 0 : name.startsWith("GHSA-") ? 1 : 2);
  return names.sort((one, other) => rank(one) - rank(other) || (one < other ? -1 : 1));
}

const mostLines = 5;

function sourceAt({ locations, toolFingerprint, message }: ToolFinding, linesOf: Lines): string {
  const [place] = locations;
  if (place?.line !== undefined) {
    const last = Math.min(place.endLine ?? place.line, place.line + mostLines - 1);
    const lines = linesOf(place.path)?.slice(place.line - 1, last);
    if (lines !== undefined && lines.length > 0) return condensed(lines.join("\n"));
  }
  if (place?.snippet !== undefined) return condensed(place.snippet);
  return toolFingerprint ?? condensed(message);
}

/** Indentation and line breaks may change: it is the same code. */
function condensed(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

type Lines = (path: string) => readonly string[] | undefined;

function linesBy(sourceOf: SourceText): Lines {
  const known = new Map<string, readonly string[] | undefined>();
  return (path) => {
    if (!known.has(path)) known.set(path, sourceOf(path)?.split("\n"));
    return known.get(path);
  };
}

function byPlace(one: ToolFinding, other: ToolFinding): number {
  const [a, b] = [one.locations[0], other.locations[0]];
  const [path, otherPath] = [a?.path ?? "", b?.path ?? ""];
  if (path !== otherPath) return path < otherPath ? -1 : 1;
  return (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0);
}

function hash(parts: readonly string[]): string {
  return digest("sha256", JSON.stringify(parts));
}
