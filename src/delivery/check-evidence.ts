import type { Secret } from "@dagger.io/dagger";
import { type Config, findingsFor } from "../config/config.ts";
import type { Evidence } from "../model/evidence.ts";
import type { TaskProgress } from "../model/progress.ts";
import { isMissing } from "../release/gates/gates.ts";
import type { Policy } from "../release/gates/policy.ts";
import { readSecrets } from "../providers/secrets/secrets.ts";
import { runChecks, scanSecretNames } from "../steps/steps.ts";
import type { CheckedChange } from "./change.ts";
import type { Delivery } from "./delivery.ts";
import { checksMemory } from "./memory.ts";

/** What is deployed to: its ledger remembers, and its rules in force decide. */
export interface CheckedFor {
  readonly environment: string;
  readonly policy: Pick<Policy, "findings" | "optional">;
}

/** @param target null for a check alone: then everything is required, and the config decides */
export async function checkEvidence(
  delivery: Delivery,
  only: readonly string[],
  target: CheckedFor | null,
  change?: CheckedChange,
): Promise<Evidence[]> {
  const { progress, command, definition, signal, clock } = delivery;
  const config = await delivery.config();
  const custom = definition.checks;
  const findings = findingsOf(config, target);
  const environment = target?.environment ?? null;
  const [project, memory] = await Promise.all([
    delivery.project(),
    checksMemory(delivery, environment, findings),
  ]);
  const secrets = await scannerSecrets(delivery);
  return progress.task("checks", async (task) => {
    const now = clock.now();
    const found = await runChecks(
      { project, progress: task, command, custom, signal, memory, findings, secrets, now, ...change },
      only,
    );
    // A check tells what it knew when it was stopped; a deploy ends here, also where what was stopped is optional.
    if (target !== null) signal?.throwIfAborted();
    const evidence = withOptional(found, target, task);
    tellWorst(evidence, task);
    return evidence;
  });
}

/** Of what --secrets has, only what a scanner of the config asks for. */
async function scannerSecrets(delivery: Delivery): Promise<Record<string, Secret>> {
  const { input, dag } = delivery;
  const names = scanSecretNames(await delivery.config());
  const values = names.length === 0 ? {} : readSecrets(await input.secrets?.plaintext(), names);
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, dag.setSecret(`scan/${name}`, value)]),
  );
}

function findingsOf(config: Config, target: CheckedFor | null) {
  if (target === null) return config.findings;
  return target.policy.findings ?? findingsFor(config, target.environment);
}

/** What cannot be settled holds an environment only where that requires it; it is told in any case. */
function withOptional(
  evidence: readonly Evidence[],
  target: CheckedFor | null,
  progress: Pick<TaskProgress, "note">,
): Evidence[] {
  return evidence.map((entry) => {
    if (target === null || entry.verdict !== "insufficient") return entry;
    if (!target.policy.optional.includes(entry.name)) return entry;
    progress.note(`${entry.name} is optional in ${target.environment}, and not settled: ${entry.summary}`);
    return { ...entry, optional: true };
  });
}

/** Said by the whole as by its part: an evidence is an answer, and no error. */
export function tellWorst(evidence: readonly Evidence[], task: Pick<TaskProgress, "outcome">): void {
  if (evidence.some(({ verdict }) => verdict === "fail")) task.outcome("failed");
  else if (evidence.some(isMissing)) task.outcome("held");
}
