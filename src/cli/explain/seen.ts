import { failure } from "../../model/errors.ts";
import type { Plan } from "../../model/plan.ts";
import { progressTo, type Progress } from "../../model/progress.ts";
import type { GateJudgement } from "../../release/gates/judge.ts";

export interface SeenPlan {
  readonly plan: Plan;
  readonly gates: readonly GateJudgement[];
}

/** Collects what a call asks of ledger, target and registry, and what it would do to them. */
export class Seen {
  readonly #looks = new Set<string>();
  readonly #images = new Set<string>();
  readonly #changes: string[] = [];
  readonly #assumed = new Map<string, string>();
  readonly #notes = new Set<string>();
  plan: SeenPlan | null = null;
  /** Why the call was ended, where that was meant. */
  ending: string | null = null;

  /** What would be read. What may be done at once is told in the order of its texts, here and below. */
  get looks(): readonly string[] {
    return [...this.#looks].sort();
  }

  /** What would be done with images in their registries. */
  get images(): readonly string[] {
    return [...this.#images].sort();
  }

  /** What would be changed in target and ledger: one after the other, as it is done under a lease. */
  get changes(): readonly string[] {
    return this.#changes;
  }

  /** What was not found out. */
  get assumed(): readonly string[] {
    return [...this.#assumed].map(([what, taken]) => `${what}: ${taken}`).sort();
  }

  /** What the call has said itself. */
  get notes(): readonly string[] {
    return [...this.#notes].sort();
  }

  readonly progress: Progress = progressTo((event) => {
    if (event.type === "note") this.#notes.add(event.text);
  });

  looksAt(what: string): void {
    this.#looks.add(what);
  }

  withImage(what: string): void {
    this.#images.add(what);
  }

  change(what: string): void {
    this.#changes.push(what);
  }

  /** What is taken for it first stands: later it follows from what the call would change. */
  assume(what: string, taken: string): void {
    if (!this.#assumed.has(what)) this.#assumed.set(what, taken);
  }

  /** For what would be an effect, or follows from one. */
  end(why: string): Error {
    this.ending = why;
    return failure(why, { code: "EXPLAINED" });
  }
}
