/** The modes of PostgreSQL's table locks, weakest first; https://www.postgresql.org/docs/current/explicit-locking.html */
export const lockModes = [
  "ACCESS SHARE",
  "ROW SHARE",
  "ROW EXCLUSIVE",
  "SHARE UPDATE EXCLUSIVE",
  "SHARE",
  "SHARE ROW EXCLUSIVE",
  "EXCLUSIVE",
  "ACCESS EXCLUSIVE",
] as const;
export type LockMode = (typeof lockModes)[number];

export function strongest(mode: LockMode, other: LockMode | undefined): LockMode {
  return other !== undefined && lockModes.indexOf(other) > lockModes.indexOf(mode) ? other : mode;
}

/** Whether a SELECT, or an INSERT, UPDATE or DELETE, waits for a lock of this mode: table 13.2 of PostgreSQL's manual. */
export function blocks(mode: LockMode): { readonly reads: boolean; readonly writes: boolean } {
  const rank = lockModes.indexOf(mode);
  return {
    reads: rank >= lockModes.indexOf("ACCESS EXCLUSIVE"),
    writes: rank >= lockModes.indexOf("SHARE"),
  };
}
