import { visible, visibleJson } from "../../model/visible.ts";
import type { Finding, Location, Severity } from "../../model/finding.ts";

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

export interface SarifWriteOptions {
  /** Fairway's own. */
  readonly version: string;
  /** What tools could not do: then this is not all that there is to find. */
  readonly problems: readonly string[];
}

/**
 * Findings as SARIF 2.1.0, as code hosts take it: each has a place, and is known again after an edit above it.
 * {@link readSarif} reads the same findings from it.
 */
export function writeSarif(findings: readonly Finding[], { version, problems }: SarifWriteOptions): string {
  const rules = [...new Map(findings.map((finding) => [finding.rule, finding])).values()];
  const indexes = new Map(rules.map(({ rule }, at) => [rule, at]));
  const log = {
    $schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "Fairway", semanticVersion: version, rules: rules.map(descriptor) } },
        columnKind: "utf16CodeUnits",
        invocations: [
          {
            executionSuccessful: problems.length === 0,
            toolExecutionNotifications: problems.map((problem) => ({
              level: "error",
              message: { text: visible(problem) },
            })),
          },
        ],
        results: findings.map((finding) => result(finding, indexes.get(finding.rule) ?? 0)),
      },
    ],
  };
  return visibleJson(JSON.stringify(log));
}

function descriptor({ rule, title, help, severity, weaknesses, kind }: Finding) {
  const tags = weaknesses.map((name) => `external/cwe/${name.toLowerCase()}`);
  return {
    id: rule,
    shortDescription: { text: title === "" ? rule : title },
    ...(help === undefined ? {} : { helpUri: help }),
    defaultConfiguration: { level: levelOf(severity) },
    properties: { tags: [...(kind === "license" ? [] : ["security"]), ...tags] },
  };
}

function result(finding: Finding, ruleIndex: number) {
  const { rule, severity, message, locations, fingerprints, suppressed } = finding;
  const places = locations.filter(({ image }) => image === undefined);
  return {
    ...{ ruleId: rule, ruleIndex, level: levelOf(severity) },
    message: { text: message },
    locations: (places.length > 0 ? places : [{ path: fallback(finding), line: 1 }]).map(physical),
    partialFingerprints: { "fairway/v1": fingerprints[0], primaryLocationLineHash: fingerprints[0] },
    ...(suppressed === undefined
      ? {}
      : {
          suppressions: [
            {
              kind: suppressed.by === "source" ? "inSource" : "external",
              status: "accepted",
              justification: suppressed.reason,
            },
          ],
        }),
    properties: { "security-severity": scoreOf(severity), [ownName]: own(finding) },
  };
}

/** Code hosts refuse a result without a place. */
function fallback({ locations, package: affected }: Finding): string {
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

function physical({ path, line, column, endLine, endColumn, snippet }: Location) {
  const region = {
    ...(line === undefined ? {} : { startLine: line }),
    ...(line === undefined || column === undefined ? {} : { startColumn: column }),
    ...(line === undefined || endLine === undefined ? {} : { endLine: Math.max(endLine, line) }),
    ...(line === undefined || endColumn === undefined ? {} : { endColumn }),
    ...(line === undefined || snippet === undefined ? {} : { snippet: { text: snippet } }),
  };
  return {
    physicalLocation: {
      artifactLocation: { uri: path.split("/").map(encoded).join("/"), uriBaseId: "%SRCROOT%" },
      ...(line === undefined ? {} : { region }),
    },
  };
}

/** A lone surrogate has no place in a URI. */
function encoded(part: string): string {
  return encodeURIComponent(part.toWellFormed());
}

function levelOf(severity: Severity): "error" | "warning" | "note" | "none" {
  return ({ critical: "error", high: "error", medium: "warning", low: "note", info: "none" } as const)[
    severity
  ];
}

/** In the middle of its band: code hosts sort by it. */
function scoreOf(severity: Severity): string {
  return { critical: "9.5", high: "8.0", medium: "5.5", low: "2.0", info: "0.0" }[severity];
}
