import type { LockMode } from "./measured.ts";

/** Whether a SELECT, or an INSERT, UPDATE or DELETE, waits for a lock of this mode: table 13.2 of PostgreSQL's manual. */
export function blocks(mode: LockMode): { readonly reads: boolean; readonly writes: boolean } {
  switch (mode) {
    case "AccessExclusiveLock":
      return { reads: true, writes: true };
    case "ShareLock":
    case "ShareRowExclusiveLock":
    case "ExclusiveLock":
      return { reads: false, writes: true };
    case "AccessShareLock":
    case "RowShareLock":
    case "RowExclusiveLock":
    case "ShareUpdateExclusiveLock":
      return { reads: false, writes: false };
  }
}
