import { silentProgress } from "../model/progress.ts";
import { ungated } from "../release/gates/gating.ts";
import type { ReleaseContext } from "../release/release.ts";

export const usualTimeouts = { deploy: 3600, migrate: 1800, operation: 600 };

/** What a release acts on: a test gives what it is about, and the rest is of no effect. */
export function releaseContext(
  fields: Pick<ReleaseContext, "ledger" | "target" | "clock"> & Partial<ReleaseContext>,
): ReleaseContext {
  return {
    pipeline: "shop",
    environment: "local",
    executors: executors(),
    needs: { services: [], postgres: null },
    secrets: {},
    databaseVariable: null,
    gating: ungated,
    timeouts: usualTimeouts,
    afterRelease: null,
    progress: silentProgress,
    actor: "ada@laptop",
    command: "npx fairway",
    ...fields,
  };
}

/** Of a database that has whatever it was given, and a registry that takes any tag. */
export function executors(fields: Partial<ReleaseContext["executors"]> = {}): ReleaseContext["executors"] {
  return {
    migrate: async () => ({ observed: "applied" }),
    migrationState: async () => "done",
    runScript: async (script) => ({ observed: `${script} passed` }),
    tagImage: async () => undefined,
    probeDependency: async () => ({ verdict: "pass", says: "answered" }),
    ...fields,
  };
}
