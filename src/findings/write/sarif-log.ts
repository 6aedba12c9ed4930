import type { Location, Severity } from "../../model/finding.ts";
import { visible, visibleJson } from "../../model/visible.ts";

/** The tool whose words about its own results are believed when they are read again. */
export const ownTool = "Fairway";

export interface SarifRun {
  /** Fairway's own; absent where nobody knows it. */
  readonly version?: string;
  /** Descriptors, in the order that `ruleIndex` counts by. */
  readonly rules: readonly object[];
  /** What was not looked at, or did not end well: then the results are not all that there is to find. */
  readonly notifications: readonly { readonly level: "error" | "warning"; readonly text: string }[];
  /** False where something could not be looked at. */
  readonly complete: boolean;
  readonly results: Iterable<object>;
}

/**
 * The log of one run of Fairway's, as code hosts take it.
 * Static Analysis Results Interchange Format 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/
 */
export function sarifLog({ version, rules, notifications, complete, results }: SarifRun): string {
  const semanticVersion = version === undefined ? {} : { semanticVersion: version };
  const run = {
    tool: { driver: { name: ownTool, ...semanticVersion, rules } },
    columnKind: "utf16CodeUnits",
    invocations: [
      {
        executionSuccessful: complete,
        toolExecutionNotifications: notifications.map(({ level, text }) => ({
          level,
          message: { text: visible(text) },
        })),
      },
    ],
  };
  // One by one: there may be very many, and all as objects and as text would be there at once.
  const written = Array.from(results, json).join(",");
  return `{"$schema":${json(schema)},"version":"2.1.0","runs":[${json(run).slice(0, -1)},"results":[${written}]}]}`;
}

const schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

function json(value: unknown): string {
  return visibleJson(JSON.stringify(value));
}

/** A place in the repository. */
export function sarifPlace({ path, line, column, endLine, endColumn, snippet }: Location) {
  const artifactLocation = { uri: path.split("/").map(encoded).join("/"), uriBaseId: "%SRCROOT%" };
  if (line === undefined) return { physicalLocation: { artifactLocation } };
  const region = {
    startLine: line,
    ...(column === undefined ? {} : { startColumn: column }),
    ...(endLine === undefined ? {} : { endLine: Math.max(endLine, line) }),
    ...(endColumn === undefined ? {} : { endColumn }),
    ...(snippet === undefined ? {} : { snippet: { text: snippet } }),
  };
  return { physicalLocation: { artifactLocation, region } };
}

/** A lone surrogate has no place in a URI. */
function encoded(part: string): string {
  return encodeURIComponent(part.toWellFormed());
}

/** Code hosts know a result again by it, after an edit above it. */
export function sarifFingerprints(name: string, fingerprint: string) {
  return { [name]: fingerprint, primaryLocationLineHash: fingerprint };
}

export function sarifLevel(severity: Severity): "error" | "warning" | "note" | "none" {
  return ({ critical: "error", high: "error", medium: "warning", low: "note", info: "none" } as const)[
    severity
  ];
}
