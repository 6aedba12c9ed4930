import type { Finding } from "../../model/finding.ts";
import type { VexStatement } from "./read.ts";

/** Why a finding is none for us, as the documents say it; undefined where they do not. */
export function vexReader(statements: readonly VexStatement[]): (finding: Finding) => string | undefined {
  const byName = new Map<string, VexStatement[]>();
  for (const statement of statements)
    for (const name of statement.names) byName.set(name, [...(byName.get(name) ?? []), statement]);
  return (finding) => {
    const said = new Set(namesOf(finding).flatMap((name) => byName.get(name) ?? []));
    return said.size === 0 ? undefined : reasonOf(finding, [...said]);
  };
}

/** Of what is said about a version the latest counts, and each version that was found has to be spoken of. */
function reasonOf(finding: Finding, about: readonly VexStatement[]): string | undefined {
  const { package: affected } = finding;
  if (affected === undefined) return undefined;
  const versions = affected.versions.length === 0 ? [null] : affected.versions;
  const latest = versions.map((version) => latestOf(about.filter((said) => covers(said, finding, version))));
  const settled = latest.filter((said) => said !== undefined && isSettled(said));
  return settled.length === latest.length ? settled[0]?.because : undefined;
}

/** Whether it speaks of the vulnerability in any version of the package that was found. */
export function isAbout(finding: Finding, statement: VexStatement): boolean {
  if (!namesOf(finding).some((name) => statement.names.includes(name))) return false;
  const versions = finding.package?.versions ?? [];
  return (versions.length === 0 ? [null] : versions).some((version) => covers(statement, finding, version));
}

function namesOf({ rule, aliases, witnesses }: Finding): string[] {
  return [rule, ...aliases, ...witnesses.map((witness) => witness.rule)].map((name) => name.toLowerCase());
}

/** @param version null where nobody knows it: then only what is said of every version counts */
function covers(
  { components }: VexStatement,
  { package: affected }: Finding,
  version: string | null,
): boolean {
  return components.some(
    (component) =>
      component.type === affected?.ecosystem &&
      component.names.includes(affected.name) &&
      (component.version === null || component.version === version),
  );
}

/** Of those that contradict each other at the same time, one that suppresses nothing. */
function latestOf(statements: readonly VexStatement[]): VexStatement | undefined {
  const latestMs = Math.max(...statements.map(({ saidAtMs }) => saidAtMs));
  const latest = statements.filter(({ saidAtMs }) => saidAtMs === latestMs);
  return latest.find((said) => !isSettled(said)) ?? latest.at(-1);
}

function isSettled({ status }: VexStatement): boolean {
  return status === "not_affected" || status === "fixed";
}
