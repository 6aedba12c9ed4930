import type { Secret } from "@dagger.io/dagger";
import type { Config } from "../../config/config.ts";
import type { FindingPolicy } from "../../findings/findings.ts";
import type { Evidence } from "../../model/evidence.ts";
import { visible } from "../../model/visible.ts";
import { toolchainText } from "../toolchains/toolchains.ts";
import type { Check } from "./check.ts";
import {
  policyOf,
  suppressionEvidence,
  suppressionsOf,
  vexDocuments,
  vexEvidence,
} from "./judgement/judgement.ts";
import { chosenOf, listedChecks, requireTasks } from "./listed.ts";
import { remembersNothing } from "./memory.ts";
import { type RunContext, runEach } from "./run-each.ts";
import { isAlone, together } from "./scripts/scripts.ts";

export interface RunChecksContext extends RunContext {
  /** For suppressions and deadlines, which end. */
  readonly now: Date;
  /** What becomes of findings. @default as the config says */
  readonly findings?: Pick<FindingPolicy, "severities" | "sprint" | "unverifiedSecrets">;
  /** Values of --secrets that scanners of the config need, by name. */
  readonly secrets?: Readonly<Record<string, Secret>>;
  /** Checks of the team's own, after those of the config. */
  readonly custom?: readonly Check[];
}

/**
 * Runs checks, all at once but for those that need others: one that fails stops only those that need it. They share one install.
 * @param names which, with what they need; all of them when empty.
 * @throws FairwayError for what keeps all of them from being run: an unknown name or script (exit 2), a failed install.
 */
export async function runChecks(
  context: RunChecksContext,
  names: readonly string[] = [],
): Promise<Evidence[]> {
  const { config, toolchain } = context.project;
  const wanted = chosenOf(listedChecks({ config, custom: context.custom }, context), names);
  const checks = together(wanted, plainTasks(config, wanted), toolchain);
  requireTasks(checks, toolchain);
  if (checks.some((check) => check.scripts !== undefined))
    context.progress.note(visible(toolchainText(toolchain)));
  const suppressions = await suppressionsOf(context.project);
  const vex = await vexDocuments(context.project);
  const runsTasks = context.affected?.touched.kind !== "nothing";
  if (runsTasks && checks.some(({ scripts, installsItself = false }) => scripts && !installsItself))
    await context.project.installed(context.progress);
  const { now, memory = remembersNothing, findings = config.findings } = context;
  const policy = policyOf(findings, suppressions, { now, known: memory.known, vex: vex.statements });
  const evidence = await runEach(checks, context, policy);
  const complete =
    names.length === 0 &&
    context.affected === undefined &&
    checks.every((check, at) => foundAll(check, evidence[at]));
  const repeat = `${context.command} check`;
  return [
    ...evidence,
    ...suppressionEvidence(suppressions, evidence, { now, complete, repeat }),
    ...(complete ? vexEvidence(vex, evidence) : []),
    // The engine of a call that was stopped is gone, and with it the way to some ledgers.
    ...(context.signal?.aborted === true ? [] : await memory.keep({ evidence, complete })),
  ];
}

/** False where something may be there that nobody saw. */
function foundAll({ scans = false }: Check, evidence: Evidence | undefined): boolean {
  return evidence?.verdict !== "insufficient" && (!scans || evidence?.findings !== undefined);
}

/** Names of those that need nothing around them, wait for nothing, for which nothing waits, and that are judged by their end alone. */
function plainTasks({ checks }: Config, wanted: readonly Check[]): ReadonlySet<string> {
  const needed = new Set(wanted.flatMap(({ needs = [] }) => needs));
  const plain = checks.filter(
    (check) =>
      check.kind === "script" &&
      check.results === null &&
      check.retries === 0 &&
      isAlone(check) &&
      check.needs.length === 0 &&
      !needed.has(check.name),
  );
  return new Set(plain.map(({ name }) => name));
}
