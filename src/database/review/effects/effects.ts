import { blocks, type LockMode } from "../../lock-modes.ts";
import type { Change } from "../change.ts";
import type { Situation } from "../situation.ts";
import { workOf } from "./work.ts";
import { oldCodeAfter } from "./old-code.ts";
import { undoOf } from "./undo.ts";

/** What a statement means for those who use the database, by the rules of PostgreSQL. Where a fact is not known, it says so. */
export interface Effects extends Work {
  readonly oldCode: OldCode;
  readonly undo: Undo;
}

/** What the server does for it, and who waits. */
export interface Work {
  readonly locks: readonly TableLock[];
  /** Tables that are written anew: time and disk grow with their size. */
  readonly rewrites: readonly string[];
  /** Tables all of whose rows are read under the locks above. */
  readonly scans: readonly string[];
}

export interface TableLock {
  readonly table: string;
  readonly mode: LockMode;
  /** `instant`, once it is given: the wait for it may be long all the same. `growing` with the table's size. */
  readonly held: "instant" | "growing";
}

/** Whether the code of the previous release goes on working after it. */
export interface OldCode {
  /** `may break`: where it uses what is taken away, or writes what is refused, and nobody said that it does not. */
  readonly verdict: "works" | "may break" | "breaks" | "unknown";
  readonly because: string;
}

export interface Undo {
  /** `data-lost`: the shape comes back, what was in it does not. */
  readonly possible: "yes" | "data-lost" | "no";
  readonly loses: "nothing" | "rows" | "values";
}

export function effectsOf(change: Change, at: Situation): Effects {
  return { ...workOf(change, at), oldCode: oldCodeAfter(change, at), undo: undoOf(change, at) };
}

/** What others cannot do to the table meanwhile. */
export function blockedBy(
  mode: LockMode,
): "reads and writes" | "writes" | "changes of its schema" | "nothing" {
  const { reads, writes } = blocks(mode);
  if (reads) return "reads and writes";
  if (writes) return "writes";
  return mode === "SHARE UPDATE EXCLUSIVE" ? "changes of its schema" : "nothing";
}
