import type { TestsOfRun } from "./test-run.ts";
import type { JudgedFinding } from "./finding.ts";

/**
 * What a check, scan or review found out. There are three answers: `insufficient` is never a pass, and says
 * what would settle it.
 */
export type Evidence = Pass | Fail | Insufficient;

interface EvidenceBase {
  /** Unique in a pipeline: `unit`, `migrations`, `image-policy:api`. */
  readonly name: string;
  /** One line for people. */
  readonly summary: string;
  /** Milliseconds it took; 0 when it came from the cache. */
  readonly durationMs: number;
  /** What was found, gravest first, also where it fails nothing; absent for what does not look for findings. */
  readonly findings?: readonly JudgedFinding[];
  /** Of a check whose results are read. */
  readonly tests?: TestsOfRun;
  /** True when no step of it ran because all results were in the cache. */
  readonly cached?: boolean;
}

export interface Pass extends EvidenceBase {
  readonly verdict: "pass";
  readonly details?: string;
}

export interface Fail extends EvidenceBase {
  readonly verdict: "fail";
  /** The step's own output, or the list of what is wrong. */
  readonly details: string;
  /** The command that repeats this alone. */
  readonly repeat: string;
}

export interface Insufficient extends EvidenceBase {
  readonly verdict: "insufficient";
  /** What is missing, or who has to decide. */
  readonly missing: string;
  /** True where it is not required: it holds nothing, and is told. */
  readonly optional?: true;
  readonly details?: string;
}
