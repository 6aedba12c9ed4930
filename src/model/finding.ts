/** Gravest first. */
export const severities = ["critical", "high", "medium", "low", "info"] as const;
export type Severity = (typeof severities)[number];

/** `code`: a pattern in source; `configuration`: how something is set up; `license`: under which terms a package comes. */
export const findingKinds = ["vulnerability", "secret", "code", "configuration", "license"] as const;
export type FindingKind = (typeof findingKinds)[number];

/** Whether a scanner asked whoever issued a secret if it works. `unverified` says only that nobody could tell. */
export const verifications = ["verified", "unverified", "unknown"] as const;
export type Verification = (typeof verifications)[number];

/** Where: of the repository, or of an image that was built from it. Lines and columns begin at 1. */
export interface Location {
  /** With slashes, from the root of the repository or of the image's file system. */
  readonly path: string;
  /** The service whose image holds it; absent for the repository's own files. */
  readonly image?: string;
  readonly line?: number;
  readonly column?: number;
  readonly endLine?: number;
  readonly endColumn?: number;
  /** The source there, as the tool quoted it. Never that of a secret. */
  readonly snippet?: string;
}

export interface AffectedPackage {
  /** A purl type: `npm`, `cargo`, `pypi`, `deb`, ... */
  readonly ecosystem: string;
  readonly name: string;
  /** Those that were found, sorted. */
  readonly versions: readonly string[];
  /** The first ones without the fault, one for each line of releases; empty where none is known. */
  readonly fixed: readonly string[];
}

/** Where a tool or the source itself says that this one is known and wanted. */
export interface ToolSuppression {
  readonly by: "source" | "tool";
  readonly reason: string;
}

interface Described {
  readonly kind: FindingKind;
  readonly severity: Severity;
  /** What people look it up by: `CVE-2021-44228`, or the tool's name of its rule. */
  readonly rule: string;
  /** One line. */
  readonly title: string;
  /** The tool's own words, cut where they are very long. */
  readonly message: string;
  readonly locations: readonly Location[];
  readonly package?: AffectedPackage;
  /** CVE, GHSA, RUSTSEC and other names of the same fault, sorted; of a merged finding, all of them. */
  readonly aliases: readonly string[];
  /** `CWE-79`, sorted. */
  readonly weaknesses: readonly string[];
  /** A page about it. */
  readonly help?: string;
  readonly verification?: Verification;
  readonly suppressed?: ToolSuppression;
}

/** What one tool said, before it is compared with what others said. */
export interface ToolFinding extends Described {
  readonly tool: string;
  readonly toolVersion?: string;
  /** What the tool knows it by, for where the source cannot be looked at. */
  readonly toolFingerprint?: string;
  /** Of a report that Fairway wrote: it is known already. */
  readonly fingerprints?: Finding["fingerprints"];
}

export interface Witness {
  readonly tool: string;
  readonly version?: string;
  /** The tool's own name of its rule. */
  readonly rule: string;
  readonly severity: Severity;
}

/** One fault, however many tools saw it. */
export interface Finding extends Described {
  /**
   * SHA-256 in hex of what was found, without its line: the same after an edit above it. A fault with several names has several;
   * two findings are the same when they share one.
   */
  readonly fingerprints: readonly [string, ...string[]];
  /** Sorted by tool. */
  readonly witnesses: readonly Witness[];
}

/**
 * `block` fails a check; `warn` is told; `old` would be one of these, and was there before the change that is looked at; `track`
 * is counted; `suppressed` is known and wanted. Gravest first.
 */
export const treatments = ["block", "warn", "old", "track", "suppressed"] as const;
export type Treatment = (typeof treatments)[number];

/** Until when something has to be fixed. Times are RFC 3339. */
export interface Deadline {
  /** When it was first seen. */
  readonly since: string;
  readonly until: string;
  readonly passed: boolean;
}

/** A finding, and what the policy makes of it. */
export interface JudgedFinding extends Finding {
  readonly treatment: Treatment;
  /** Of one whose severity has a time from first sight: told until then, blocking after it. */
  readonly deadline?: Deadline;
  /** One line: why, where its severity does not say it. */
  readonly because?: string;
}

/** What a tool's report holds. */
export interface ToolReport {
  readonly findings: readonly ToolFinding[];
  /** What the tool says that it could not do. Then the report is not all there is to find. */
  readonly problems: readonly string[];
}
