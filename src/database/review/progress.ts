import type { Change } from "./change.ts";
import { blockedBy, type Effects } from "./effects/effects.ts";
import { type LockMode, strongest } from "../lock-modes.ts";
import type { Phase } from "./phase.ts";
import type { Schema } from "./schema/schema.ts";

/** What a migration has done to its connection and its transaction so far. */
export class Progress {
  /** Whether the next statement runs inside a transaction. */
  inTransaction: boolean;
  /** Strong locks on tables that live code knows, held since earlier statements of this transaction. */
  readonly held = new Map<string, LockMode>();
  /** Tables that live code knows, to which earlier statements of this transaction wrote rows without a bound. */
  readonly wrote = new Set<string>();
  /** The phases of what came before. Of what expands, only what new code may need counts. */
  readonly phases = new Set<Phase>();
  /** What the connection is set to: `lock_timeout` -> `5s`. */
  settings: ReadonlyMap<string, string> = new Map();
  readonly #session = new Map<string, string>();
  readonly #local = new Map<string, string>();
  readonly #isImplicit: boolean;

  /** @param isImplicit whether the server takes the whole file as one transaction, as it does with several statements at once */
  constructor(isImplicit: boolean) {
    this.#isImplicit = isImplicit;
    this.inTransaction = isImplicit;
  }

  afterChange(change: Change, phase: Phase): void {
    if (change.kind === "set") this.#remember(change.name, change.value, change.scope);
    if (change.kind === "transaction") this.#boundary(change.action);
    if (phase === "contract" || isAddition(change)) this.phases.add(phase);
  }

  /** The locks of a statement are taken together: it is the next one that comes after them. */
  afterStatement(
    changes: readonly { readonly change: Change; readonly locks: Effects["locks"] }[],
    schema: Schema,
  ): void {
    if (!this.inTransaction) {
      this.#endTransaction();
      return;
    }
    for (const { change, locks } of changes) {
      for (const { table, mode } of locks) {
        if (schema.isNew(table) || !stops(mode)) continue;
        this.held.set(table, strongest(mode, this.held.get(table)));
      }
      if (isLongWrite(change) && !schema.isNew(change.table)) this.wrote.add(change.table);
    }
  }

  #remember(name: string, value: string | null, scope: "local" | "session"): void {
    // SET LOCAL outside of a transaction does nothing but warn.
    if (scope === "local" && !this.inTransaction) return;
    const target = scope === "local" ? this.#local : this.#session;
    if (name === "all") {
      this.#session.clear();
      this.#local.clear();
    } else if (value === null) {
      this.#session.delete(name);
      this.#local.delete(name);
    } else {
      target.set(name, value);
      if (scope === "session") this.#local.delete(name);
    }
    this.settings = new Map([...this.#session, ...this.#local]);
  }

  #boundary(action: "begin" | "commit" | "rollback" | "savepoint"): void {
    if (action === "savepoint") return;
    if (action === "begin") {
      this.inTransaction = true;
      return;
    }
    this.#endTransaction();
    // The statements that follow in the same file are the next transaction.
    this.inTransaction = this.#isImplicit;
  }

  #endTransaction(): void {
    this.held.clear();
    this.wrote.clear();
    if (this.#local.size === 0) return;
    this.#local.clear();
    this.settings = new Map(this.#session);
  }
}

function stops(mode: LockMode): boolean {
  const what = blockedBy(mode);
  return what === "writes" || what === "reads and writes";
}

type Write = Extract<Change, { readonly kind: "insert" | "update" | "delete" | "merge" }>;

/** A statement that may write as many rows as a table has. */
export function isLongWrite(change: Change): change is Write {
  switch (change.kind) {
    case "update":
    case "delete":
    case "insert":
      return !change.bounded;
    case "merge":
      return true;
    default:
      return false;
  }
}

/** What new code may need, and so has to run before it. */
export function isAddition({ kind }: Change): boolean {
  return additions.test(kind);
}

const additions =
  /^(create-(table|type|domain|view|function|sequence|extension|schema)|add-(column|enum-value)|drop-not-null|insert|update)$/;
