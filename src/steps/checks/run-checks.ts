import type { Secret } from "@dagger.io/dagger";
import type { CheckConfig, Config } from "../../config/config.ts";
import type { FindingPolicy } from "../../findings/findings.ts";
import { usageError } from "../../model/errors.ts";
import type { Evidence } from "../../model/evidence.ts";
import { visible } from "../../model/visible.ts";
import { scanCheck } from "../scanners/scanners.ts";
import { type Toolchain, toolchainText, withoutTask } from "../toolchains/toolchains.ts";
import type { Check } from "./check.ts";
import { policyOf, suppressionEvidence, suppressionsOf } from "./findings.ts";
import { remembersNothing } from "./memory.ts";
import { type RunContext, runEach } from "./run-each.ts";
import { scriptCheck } from "./script.ts";
import { isAlone } from "./surroundings.ts";
import { together } from "./together.ts";
import { vexDocuments, vexEvidence } from "./vex.ts";

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
  const wanted = chosen([...checksOf(context), ...(context.custom ?? [])], names);
  const checks = together(wanted, plainTasks(context.project.config), context.project.toolchain);
  refuseMissingTasks(checks, context.project.toolchain);
  if (checks.some((check) => check.scripts !== undefined))
    context.progress.note(visible(toolchainText(context.project.toolchain)));
  const suppressions = await suppressionsOf(context.project);
  const vex = await vexDocuments(context.project);
  const runsTasks = context.affected?.touched.kind !== "nothing";
  if (runsTasks && checks.some(({ scripts, installsItself = false }) => scripts && !installsItself))
    await context.project.installed(context.progress);
  const { now, memory = remembersNothing, findings = context.project.config.findings } = context;
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
    ...(await memory.keep({ evidence, complete })),
  ];
}

/** False where something may be there that nobody saw. */
function foundAll({ scans = false }: Check, evidence: Evidence | undefined): boolean {
  return evidence?.verdict !== "insufficient" && (!scans || evidence?.findings !== undefined);
}

/** The checks that a config lists. */
function checksOf({ project, now, secrets = {} }: RunChecksContext): Check[] {
  const { checks, database } = project.config;
  const checkOf = (check: CheckConfig) => {
    if (check.kind === "scan") return scanCheck(check.name, check.options, { now, secrets });
    const variable = check.kind === "integration" ? check.variable : (database?.prisma.url ?? "DATABASE_URL");
    const { browser, postgres, redis } = check;
    const server = postgres === null ? null : { version: postgres, variable };
    return scriptCheck({ ...check, around: { browser, redis, postgres: server } });
  };
  return checks.map((check) => ({ ...checkOf(check), needs: check.needs }));
}

/** Names of those that need nothing around them, wait for nothing, for which nothing waits, and that are judged by their end alone. */
function plainTasks({ checks }: Config): ReadonlySet<string> {
  const needed = new Set(checks.flatMap(({ needs }) => needs));
  return new Set(
    checks.flatMap((check) => {
      if (check.kind !== "script" || check.results !== null || check.retries > 0) return [];
      if (!isAlone(check)) return [];
      return check.needs.length > 0 || needed.has(check.name) ? [] : [check.name];
    }),
  );
}

function chosen(checks: readonly Check[], names: readonly string[]): readonly Check[] {
  const known = checks.map((check) => check.name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw usageError(`there is no check ${unknown.join(", ")}`, {
      code: "CHECK_UNKNOWN",
      place: "--only",
      remedy: known.length === 0 ? "fairway.yaml lists no checks." : `Known: ${known.join(", ")}`,
    });
  }
  if (names.length === 0) return checks;
  const wanted = withNeeds(checks, names);
  return checks.filter((check) => wanted.has(check.name));
}

/** Those that are named, what they need, and what that needs. */
function withNeeds(checks: readonly Check[], names: readonly string[]): ReadonlySet<string> {
  const wanted = new Set<string>();
  const add = (name: string) => {
    if (wanted.has(name)) return;
    wanted.add(name);
    for (const need of checks.find((check) => check.name === name)?.needs ?? []) add(need);
  };
  names.forEach(add);
  return wanted;
}

function refuseMissingTasks(checks: readonly Check[], toolchain: Toolchain): void {
  const missing = checks.flatMap((check) =>
    (check.scripts ?? [])
      .filter((task) => !Object.hasOwn(toolchain.tasks, task))
      .map((task) => ({ check, task })),
  );
  if (missing.length === 0) return;
  const without = withoutTask(toolchain);
  const wanted = missing.map(({ check, task }) => `the check ${check.name} runs ${task}`).join(", and ");
  throw usageError(`${wanted}: ${without.has(missing.map(({ task }) => task))}`, {
    code: "SCRIPT_MISSING",
    place: without.place(),
    remedy: without.known,
  });
}
