import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { canonicalJson, type Json } from "../../model/canonical-json.ts";
import { usageError } from "../../model/errors.ts";
import type { Plan } from "../../model/plan.ts";
import { approvalStatement } from "../../release/gates/approvals/approvals.ts";
import { confirmedBy } from "../../release/gates/checklist.ts";
import { commandsFor } from "../../release/plan/commands.ts";
import { readPlanFile } from "../../release/plan/plan-file.ts";
import { planHash } from "../../release/plan/plan.ts";
import { planText } from "../../report/plan.ts";
import { confirmItems, questionOn } from "../approve/confirm.ts";
import { signWithSshKeygen } from "../approve/sign.ts";
import { findSigningKey } from "../approve/signing-key.ts";
import type { HostCommandCall } from "../commands/invocation.ts";
import { runFunction } from "../run/run.ts";
import { understand } from "../understand.ts";
import type { HostCommandContext } from "./host-commands.ts";

const hourMs = 3_600_000;

/**
 * `fairway approve plan.json`: shows the plan, signs environment, hash and expiry with the person's SSH key, and hands the
 * signature to the module, which writes it into the ledger; the command that says whether it counts is named.
 */
export async function approve(call: HostCommandCall, context: HostCommandContext): Promise<number> {
  const { places, terminal } = context;
  const plan = readPlanFile(await readPlan(String(call.values["plan"]), places.workdir));
  const hash = planHash(plan);
  terminal.notes.write(`${planText(plan, hash, { gates: [], evidence: [] })}\n\n`);
  if (call.values["reject"] !== true) {
    await confirmItems(confirmedBy(plan), {
      confirmed: call.values["confirm"] === true,
      say: (line) => terminal.notes.write(`${line}\n`),
      ask: questionOn(process.stdin, terminal.notes),
      remedy: `npx fairway approve ${String(call.values["plan"])} --confirm`,
    });
  }
  const key = findSigningKey({
    directory: places.repository,
    home: process.env["HOME"] ?? homedir(),
    named: text(call, "key"),
  });
  const statement = statementOf(plan, hash, call);
  const { signature, fingerprint } = await signWithSshKeygen(statement, key, {
    say: (line) => terminal.notes.write(line),
  });
  terminal.notes.write(`signed with ${fingerprint}\n`);
  const exitCode = await submit({ statement, signature, plan }, call, context);
  if (exitCode === 0) {
    // Whose key counts, and whether the plan still is about what is live, is judged with the ledger at hand.
    terminal.notes.write(`Whether it counts: ${commandsFor(plan, "npx fairway").look}\n`);
  }
  return exitCode;
}

function statementOf(plan: Plan, hash: string, call: HostCommandCall): string {
  const hours = call.values["hours"] === undefined ? 24 : Number(call.values["hours"]);
  if (!(hours > 0)) {
    throw usageError(`an approval for ${String(hours)} hours never counts`, {
      code: "HOURS_INVALID",
      place: "--hours",
      remedy: "Say for how many hours from now it counts: --hours 24",
    });
  }
  return approvalStatement({
    decision: call.values["reject"] === true ? "reject" : "approve",
    pipeline: plan.pipeline,
    environment: plan.environment,
    planHash: hash,
    expiresAt: new Date(Date.now() + hours * hourMs).toISOString(),
    reason: text(call, "reason") === "" ? null : text(call, "reason"),
  });
}

/** The module opens the ledger: only it knows where that is. */
async function submit(
  approval: { readonly statement: string; readonly signature: string; readonly plan: Plan },
  call: HostCommandCall,
  { terminal }: HostCommandContext,
): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), "fairway-approval-"));
  try {
    const file = join(directory, "approval.json");
    await writeFile(file, canonicalJson(approval as unknown as Json), { mode: 0o600 });
    const { engine, progress, json } = call.options;
    const secrets = text(call, "secrets");
    const { invocation, places, module } = await understand(
      [
        ...["--engine", engine, "--progress", progress, ...(json ? ["--json"] : [])],
        ...(secrets === "" ? [] : ["--secrets", secrets]),
        ...(text(call, "module") === "" ? [] : ["--module", text(call, "module")]),
        ...["submit-approval", "--env", approval.plan.environment, "--approval", file],
      ],
      terminal,
    );
    if (invocation.kind !== "function") throw new Error("submit-approval is no function of this module");
    return await runFunction(invocation, { places, module: await module(), terminal });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function readPlan(name: string, workdir: string): Promise<string> {
  try {
    return await readFile(resolve(workdir, name), "utf8");
  } catch (error) {
    throw usageError(`the plan ${name} cannot be read: ${(error as Error).message}`, {
      code: "PLAN_UNREADABLE",
      place: name,
      remedy: "npx fairway plan --env <environment> --out plan.json",
      cause: error,
    });
  }
}

function text(call: HostCommandCall, name: string): string {
  const value = call.values[name];
  return typeof value === "string" ? value : "";
}
