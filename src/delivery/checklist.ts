import { randomUUID } from "node:crypto";
import type { ScriptItem } from "../release/gates/checklist.ts";
import type { Evidence } from "../model/evidence.ts";
import { runChecklistScripts } from "../steps/steps.ts";
import { tellWorst } from "./check-evidence.ts";
import type { Delivery } from "./delivery.ts";

/** Runs the scripts of a checklist, from the commit that this call is about. */
export async function runChecklist(
  delivery: Delivery,
  environment: string,
  items: readonly ScriptItem[],
): Promise<readonly Evidence[]> {
  const { progress, command } = delivery;
  const project = await delivery.project();
  return progress.task("checklist", async (task) => {
    const evidence = await runChecklistScripts(items, {
      ...{ project, progress: task, command, environment },
      operationId: `checklist/${randomUUID()}`,
    });
    tellWorst(evidence, task);
    return evidence;
  });
}
