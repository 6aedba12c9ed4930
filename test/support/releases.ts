import type { PlannedMigration } from "../../src/model/plan.ts";
import type { Candidate } from "../../src/release/release.ts";
import { releaseOf } from "../../src/testing/testing.ts";

export { releaseOf };

/** A version that is proven by one smoke test, and needs nothing else. */
export function candidateOf(version: string, fields: Partial<Candidate> = {}): Candidate {
  return {
    release: releaseOf(version),
    migrations: [],
    smoke: [{ service: "web", path: "/", status: 200, contains: null }],
    tags: [],
    standIns: [],
    after: null,
    ...fields,
  };
}

/** The tag that a version gets in the end. */
export function tagOf(version: string): Candidate["tags"] {
  return [{ image: "127.0.0.1:5000/shop/web@sha256:0", tag: version }];
}

export function expanding(...names: readonly string[]): PlannedMigration[] {
  return names.map((name) => ({ name, phase: "expand" }));
}

/** What serves when a version is everywhere: two replicas of two services. */
export function everySlot(version: string): Record<string, string> {
  const slots = ["api/0", "api/1", "web/0", "web/1"];
  return Object.fromEntries(slots.map((slot) => [slot, version]));
}
