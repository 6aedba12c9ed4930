import type { Finding, JudgedFinding, Severity } from "../../model/finding.ts";
import { webAddress } from "../text.ts";
import { sarifFingerprints, sarifLevel, sarifLog, sarifPlace, type SarifRun } from "./sarif-log.ts";

/** What SARIF has no place for; Fairway writes it into the property bag of a result, under this name. */
export const ownName = "fairway";

export type OwnProperties = Pick<
  Finding,
  | "fingerprints"
  | "kind"
  | "title"
  | "aliases"
  | "weaknesses"
  | "locations"
  | "package"
  | "help"
  | "verification"
  | "witnesses"
>;

export type SarifWriteOptions = Omit<SarifRun, "rules" | "results">;

type Written = Finding & Partial<Pick<JudgedFinding, "treatment" | "because">>;

/**
 * Findings as SARIF 2.1.0, as code hosts take it: each has a place, and is known again after an edit above it.
 * `readReport` reads the same findings from it.
 */
export function writeSarif(findings: readonly Written[], options: SarifWriteOptions): string {
  const rules = [...new Map(findings.map((finding) => [finding.rule, finding])).values()];
  const indexes = new Map(rules.map(({ rule }, at) => [rule, at]));
  function* results() {
    for (const finding of findings) yield result(finding, indexes.get(finding.rule) ?? 0);
  }
  return sarifLog({ ...options, rules: rules.map(descriptor), results: results() });
}

function descriptor({ rule, title, help, severity, weaknesses, kind }: Finding) {
  const page = webAddress(help);
  const tags = weaknesses.map((name) => `external/cwe/${name.toLowerCase()}`);
  return {
    id: rule,
    shortDescription: { text: title === "" ? rule : title },
    ...(page === undefined ? {} : { helpUri: page }),
    defaultConfiguration: { level: sarifLevel(severity) },
    properties: { tags: [...(kind === "license" ? [] : ["security"]), ...tags] },
  };
}

function result(finding: Written, ruleIndex: number) {
  const { rule, severity, message, locations, fingerprints } = finding;
  const places = locations.filter(({ image }) => image === undefined);
  const suppression = suppressionOf(finding);
  return {
    ...{ ruleId: rule, ruleIndex, level: sarifLevel(severity) },
    message: { text: message },
    locations: (places.length > 0 ? places : [{ path: fallbackPath(finding), line: 1 }]).map(sarifPlace),
    partialFingerprints: sarifFingerprints("fairway/v1", fingerprints[0]),
    ...(finding.treatment === "old" ? { baselineState: "unchanged" } : {}),
    ...(suppression === undefined ? {} : { suppressions: [{ ...suppression, status: "accepted" }] }),
    properties: { "security-severity": scoreOf(severity), [ownName]: own(finding) },
  };
}

/** By the tool, the source, or by whoever decided it. */
function suppressionOf({ suppressed, treatment, because = "" }: Written) {
  if (suppressed !== undefined)
    return {
      kind: suppressed.by === "source" ? "inSource" : "external",
      justification: suppressed.reason,
    };
  return treatment === "suppressed" ? { kind: "external", justification: because } : undefined;
}

/** Code hosts refuse a result without a place. */
export function fallbackPath({ locations, package: affected }: Finding): string {
  return locations[0]?.path ?? affected?.name ?? "fairway.yaml";
}

function own(finding: Finding): OwnProperties {
  const { fingerprints, kind, title, aliases, weaknesses, witnesses, locations, help, verification } =
    finding;
  return {
    ...{ fingerprints, kind, title, aliases, weaknesses, witnesses, locations },
    ...(finding.package === undefined ? {} : { package: finding.package }),
    ...(help === undefined ? {} : { help }),
    ...(verification === undefined ? {} : { verification }),
  };
}

/** In the middle of its band: code hosts sort by it. */
function scoreOf(severity: Severity): string {
  return { critical: "9.5", high: "8.0", medium: "5.5", low: "2.0", info: "0.0" }[severity];
}
