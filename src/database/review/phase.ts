import type { Change } from "./change.ts";
import type { Effects } from "./effects/effects.ts";

/**
 * `expand`: old code keeps working, and nothing is taken away. `backfill`: rows are written. `contract`: old code breaks,
 * or something is gone. `unknown`: a person has to say which.
 */
export type Phase = "expand" | "backfill" | "contract" | "unknown";

export function phaseOf(change: Change, { oldCode, undo }: Effects): Phase {
  if (oldCode.verdict === "unknown") return "unknown";
  if (oldCode.verdict !== "works") return "contract";
  if (dataKinds.has(change.kind)) return "backfill";
  return undo.loses === "nothing" ? "expand" : "contract";
}

const dataKinds: ReadonlySet<Change["kind"]> = new Set(["insert", "update", "delete", "merge", "copy-in"]);

/** The phase of a migration is that of its gravest change: what is not known comes before what is known to break. */
export function gravest(phases: readonly Phase[]): Phase {
  const found = (["unknown", "contract", "backfill"] as const).find((phase) => phases.includes(phase));
  return found ?? "expand";
}
