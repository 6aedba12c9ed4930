import { type LockMode, lockModes } from "../change.ts";

export function strongest(mode: LockMode, other: LockMode | undefined): LockMode {
  return other !== undefined && lockModes.indexOf(other) > lockModes.indexOf(mode) ? other : mode;
}
