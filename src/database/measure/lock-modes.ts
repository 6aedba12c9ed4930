import type { LockMode } from "./measured.ts";

/** Whether a SELECT, or an INSERT, UPDATE or DELETE, waits for a lock of this mode: table 13.2 of PostgreSQL's manual. */
export function blocks(mode: LockMode): { readonly reads: boolean; readonly writes: boolean } {
  switch (mode) {
    case "ACCESS EXCLUSIVE":
      return { reads: true, writes: true };
    case "SHARE":
    case "SHARE ROW EXCLUSIVE":
    case "EXCLUSIVE":
      return { reads: false, writes: true };
    case "ACCESS SHARE":
    case "ROW SHARE":
    case "ROW EXCLUSIVE":
    case "SHARE UPDATE EXCLUSIVE":
      return { reads: false, writes: false };
  }
}
