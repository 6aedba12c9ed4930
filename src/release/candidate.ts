import type {
  DependencyCheck,
  ImageTag,
  Plan,
  PlannedMigration,
  Release,
  SmokeCheck,
} from "../model/plan.ts";

/** A release whose evidence was accepted, and what comes with it. */
export interface Candidate {
  readonly release: Release;
  /** All migrations that its code has, oldest first. */
  readonly migrations: readonly PlannedMigration[];
  /** What its services need, of what Fairway does not run. @default [] */
  readonly dependencies?: readonly DependencyCheck[];
  readonly smoke: readonly SmokeCheck[];
  /** Scripts of its commit that prove it once it serves. @default [] */
  readonly scripts?: readonly string[];
  readonly tags: readonly ImageTag[];
  readonly standIns: readonly string[];
  /** Whether other environments take from here what is proven: then each commit has to be, also one with the same images. */
  readonly leadsOn?: boolean;
  /** Whether it is brought from the environment before, as it is proven there. @default false */
  readonly isPromoted?: boolean;
  /** The environment's last change when the evidence was gathered: what was found then must still be about now. */
  readonly after: Plan["after"];
}
