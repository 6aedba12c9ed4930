import type { Ledger } from "../../model/ledger.ts";

export interface Moment {
  /** Counted from 1. */
  readonly write: number;
  readonly when: "before" | "after";
}

/** Every moment around the writes of a journal. */
export function momentsOf(writes: number): Moment[] {
  return Array.from({ length: writes }, (_, index) => index + 1).flatMap((write) =>
    (["before", "after"] as const).map((when) => ({ write, when })),
  );
}

/**
 * A ledger whose process is killed at its n-th write from now: before it, or right after it. What a dead process does not do
 * is neither written nor given back.
 * @param kill how it dies; by itself it only seems dead: nothing that it asks is answered any more
 */
export function killedAt(
  ledger: Ledger,
  { write, when }: Moment,
  kill: () => Promise<never> = () => Promise.reject(new Error("killed")),
): Ledger {
  let writes = 0;
  return {
    ...ledger,
    append: async (event, lease) => {
      writes += 1;
      if (writes > write || (writes === write && when === "before")) return kill();
      const appended = await ledger.append(event, lease);
      return writes === write ? kill() : appended;
    },
    renew: (lease, ttl) => (writes >= write ? kill() : ledger.renew(lease, ttl)),
    release: (lease) => (writes >= write ? Promise.resolve() : ledger.release(lease)),
  };
}
