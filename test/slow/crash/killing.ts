import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Progress } from "../../../src/model/progress.ts";
import type { ReleaseContext } from "../../../src/release/release.ts";
import { killedAt, type Moment } from "../../../src/testing/testing.ts";

/**
 * When a process kills itself: at a write to the ledger; when an operation under way says something that begins like this; or
 * as soon as a file is there.
 */
export type Cut = Moment | { readonly says: string } | { readonly file: string };

export function killingItself(context: ReleaseContext, cut: Cut): ReleaseContext {
  if ("write" in cut) return { ...context, ledger: killedAt(context.ledger, cut, kill) };
  if ("says" in cut) return { ...context, progress: deadlyProgress(cut.says) };
  void killOnceThere(cut.file);
  return context;
}

function deadlyProgress(says: string): Progress {
  const progress: Progress = {
    note: () => undefined,
    task: (_name, work) =>
      work({
        ...progress,
        outcome: () => undefined,
        output: (text) => {
          if (text.startsWith(says)) void kill();
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
