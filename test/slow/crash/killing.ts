import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Ledger } from "../../../src/model/ledger.ts";
import type { Operation } from "../../../src/model/plan.ts";
import type { Progress } from "../../../src/model/progress.ts";
import type { EventPayloads } from "../../../src/release/journal.ts";
import type { ReleaseContext } from "../../../src/release/release.ts";
import { killedAt, type Moment } from "../../../src/testing/testing.ts";

/**
 * When a process kills itself: at a write to the ledger; when an operation under way says something that begins like this,
 * for the so-manieth time; as soon as a file is there; or at what the journal says of an operation.
 */
export type Cut =
  Moment | { readonly says: string; readonly times?: number } | { readonly file: string } | Journaled;

interface Journaled {
  readonly event: "operation-started" | "operation-finished";
  readonly kind: Operation["kind"];
  /** Of several such operations the one with this weight. */
  readonly percent?: number;
  readonly when: "before" | "after";
  /** So long after it. @default 0 */
  readonly milliseconds?: number;
}

export function killingItself(context: ReleaseContext, cut: Cut): ReleaseContext {
  if ("write" in cut) return { ...context, ledger: killedAt(context.ledger, cut, kill) };
  if ("event" in cut) return { ...context, ledger: deadlyLedger(context.ledger, cut) };
  if ("says" in cut) return { ...context, progress: deadlyProgress(cut) };
  void killOnceThere(cut.file);
  return context;
}

function deadlyLedger(ledger: Ledger, cut: Journaled): Ledger {
  const isMeant = ({ type, payload }: Parameters<Ledger["append"]>[0]) => {
    const { operation } = payload as unknown as EventPayloads;
    if (type !== cut.event || operation.kind !== cut.kind) return false;
    return cut.percent === undefined || ("percent" in operation && operation.percent === cut.percent);
  };
  return {
    ...ledger,
    append: async (event, lease) => {
      if (!isMeant(event)) return ledger.append(event, lease);
      if (cut.when === "before") return kill();
      const appended = await ledger.append(event, lease);
      void sleep(cut.milliseconds ?? 0).then(kill);
      return cut.milliseconds === undefined ? new Promise(() => undefined) : appended;
    },
  };
}

function deadlyProgress({ says, times = 1 }: { readonly says: string; readonly times?: number }): Progress {
  let said = 0;
  const progress: Progress = {
    note: () => undefined,
    task: (_name, work) =>
      work({
        ...progress,
        outcome: () => undefined,
        rollout: () => undefined,
        output: (text) => {
          if (text.startsWith(says) && (said += 1) === times) void kill();
        },
      }),
  };
  return progress;
}

async function killOnceThere(file: string): Promise<never> {
  while (!existsSync(file)) await sleep(1);
  return kill();
}

function kill(): Promise<never> {
  process.kill(process.pid, "SIGKILL");
  return new Promise(() => undefined);
}
