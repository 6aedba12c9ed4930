import type {
  AffectedPackage,
  Finding,
  Location,
  ToolFinding,
  Verification,
  Witness,
} from "../model/finding.ts";
import { compareSeverity, graver } from "./severity.ts";
import { longest } from "./limits.ts";
import { bounded, spelledId } from "./text.ts";
import { identify, namesOf, type SourceText, vulnerabilityNames } from "./identify.ts";

type Named = ToolFinding & Pick<Finding, "fingerprints">;

/**
 * One finding for each fault, with everyone who saw it: the same vulnerability in the same package, the same secret in the same
 * line, the same rule at the same source. Gravest first; the order of the reports does not matter.
 */
export function mergeFindings(
  findings: readonly ToolFinding[],
  sourceOf: SourceText = () => undefined,
): Finding[] {
  const named = identify(inOrder(findings), sourceOf);
  return groups(named)
    .map(merged)
    .map((finding) => ({ finding, key: keyOf(finding) }))
    .sort(
      (one, other) =>
        compareSeverity(one.finding.severity, other.finding.severity) || compare(one.key, other.key),
    )
    .map(({ finding }) => finding);
}

/** Whatever the order in which tools ended. */
function inOrder(findings: readonly ToolFinding[]): ToolFinding[] {
  const keyed = findings.map((finding) => ({
    finding,
    key: `${finding.tool}\n${keyOf(finding)}\n${finding.message}`,
  }));
  return keyed.sort((one, other) => compare(one.key, other.key)).map(({ finding }) => finding);
}

function keyOf({
  rule,
  locations,
  title,
  package: affected,
}: Pick<Finding, "rule" | "locations" | "title" | "package">) {
  const [place] = locations;
  const line = String(place?.line ?? 0).padStart(8, "0");
  return [
    rule,
    affected?.name ?? "",
    place?.path ?? "",
    line,
    String(place?.column ?? 0).padStart(8, "0"),
    title,
  ].join("\n");
}

/** Those that share a name belong together, also through a third one. */
function groups(named: readonly Named[]): Named[][] {
  const first = named.map((_, at) => at);
  const rootOf = (at: number): number => {
    let root = at;
    while (first[root] !== root) root = first[root]!;
    while (first[at] !== root) [at, first[at]] = [first[at]!, root];
    return root;
  };
  const owners = new Map<string, number>();
  named.forEach((finding, at) => {
    for (const name of [...finding.fingerprints, ...secretPlaces(finding)]) {
      const owner = owners.get(name);
      if (owner === undefined) owners.set(name, at);
      else first[rootOf(at)] = rootOf(owner);
    }
  });
  const found = new Map<number, Named[]>();
  named.forEach((finding, at) => {
    const root = rootOf(at);
    const group = found.get(root);
    if (group === undefined) found.set(root, [finding]);
    else group.push(finding);
  });
  return [...found.values()];
}

/** Scanners have different rules for the same secret: its line says that it is the same. */
function secretPlaces({ kind, locations }: ToolFinding): string[] {
  if (kind !== "secret") return [];
  return locations.flatMap(({ path, image = "", line }) =>
    line === undefined ? [] : [JSON.stringify(["secret", image, path, line])],
  );
}

function merged(group: readonly Named[]): Finding {
  const [main] = group as [Named, ...Named[]];
  const severity = group.map((finding) => finding.severity).reduce(graver);
  const affected = packageOf(group);
  const aliases = unique(group.flatMap(({ aliases }) => aliases));
  const names =
    main.kind === "vulnerability" ? namesOf({ rule: group.map(({ rule }) => rule).join(" "), aliases }) : [];
  const rule = names[0] ?? main.rule;
  const help = group.find((finding) => finding.help !== undefined)?.help;
  const verification = verificationOf(group);
  // One tool's exception is not another's.
  const suppressed = group.every((finding) => finding.suppressed !== undefined) ? main.suppressed : undefined;
  const [primary] = names.length === 0 ? main.fingerprints : vulnerabilityNames(main, names);
  const others = unique(group.flatMap(({ fingerprints }) => fingerprints)).filter((name) => name !== primary);
  return {
    fingerprints: [primary, ...others],
    ...{ kind: main.kind, severity, rule, title: bounded(main.title, longest.title) },
    ...{ message: bounded(main.message || main.title, longest.message) },
    locations: uniqueBy(
      group.flatMap(({ locations }) => locations),
      placeKey,
    ),
    ...(affected === undefined ? {} : { package: affected }),
    aliases: unique([...aliases.map(spelledId), ...names]),
    weaknesses: unique(group.flatMap(({ weaknesses }) => weaknesses)),
    ...(help === undefined ? {} : { help }),
    ...(verification === undefined ? {} : { verification }),
    ...(suppressed === undefined ? {} : { suppressed }),
    witnesses: uniqueBy(group.map(witnessOf), (witness) => JSON.stringify(witness)),
  };
}

function witnessOf({ tool, toolVersion, rule, severity }: Named): Witness {
  return { tool, ...(toolVersion === undefined ? {} : { version: toolVersion }), rule, severity };
}

function packageOf(group: readonly Named[]): AffectedPackage | undefined {
  const found = group.flatMap((finding) => (finding.package === undefined ? [] : [finding.package]));
  const [first] = found;
  if (first === undefined) return undefined;
  const versions = unique(found.flatMap(({ versions }) => versions));
  const fixed = unique(found.flatMap(({ fixed }) => fixed));
  return { ecosystem: first.ecosystem, name: first.name, versions, fixed };
}

/** One who knows is enough. */
function verificationOf(group: readonly Named[]): Verification | undefined {
  const said = group.map(({ verification }) => verification);
  return (["verified", "unverified", "unknown"] as const).find((word) => said.includes(word));
}

function placeKey({ path, image = "", line = 0, column = 0 }: Location): string {
  return JSON.stringify([image, path, line, column]);
}

function unique(texts: readonly string[]): string[] {
  return texts.length < 2 ? [...texts] : [...new Set(texts)].sort(compare);
}

function uniqueBy<T>(values: readonly T[], key: (value: T) => string): T[] {
  if (values.length < 2) return [...values];
  const seen = new Map<string, T>();
  for (const value of values) if (!seen.has(key(value))) seen.set(key(value), value);
  return [...seen.values()];
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
