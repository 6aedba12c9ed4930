import { knownNames } from "../../config/config.ts";
import type { PlanAnswer } from "../../delivery/plan.ts";
import { usageError } from "../../model/errors.ts";
import type { FunctionCall, HostCommandCall } from "../commands/invocation.ts";
import { kebabCase } from "../commands/words.ts";
import { callOf, markedFunctions } from "../host-commands/marked.ts";
import { mainObject } from "../module/manifest.ts";
import type { PipelineModule } from "../module/module.ts";
import type { Seen } from "./seen.ts";

/** The call that is given; for `explain check` of a module without that function those with @check, as `check` runs them. */
export function callsMeant(host: HostCommandCall, module: PipelineModule): readonly FunctionCall[] {
  if (host.call !== undefined) return [host.call];
  const word = host.values["function"] as string;
  const checks = markedFunctions(module, ({ isCheck }) => isCheck);
  if (word === "check" && checks.length > 0) return checks.map((one) => callOf(one, host));
  const names = mainObject(module.manifest).functions.map(({ name }) => kebabCase(name));
  throw usageError(`there is no function ${word}`, {
    code: "COMMAND_UNKNOWN",
    remedy: `${knownNames(word, names)}\nnpx fairway functions`,
  });
}

/** Nothing is written where --output says: it is not what would be answered. A plan is asked for as data, to be listed. */
export function unwritten(call: FunctionCall): FunctionCall {
  const values = isPlan(call) ? { ...call.values, format: "json" } : call.values;
  return { ...call, values, options: { ...call.options, out: undefined } };
}

/** Each to its end, then the first failure: what runs side by side is seen whole. */
export async function allOf(calls: readonly Promise<unknown>[]): Promise<void> {
  const ends = await Promise.allSettled(calls);
  const failed = ends.find(({ status }) => status === "rejected");
  if (failed?.status === "rejected") throw failed.reason;
}

/** `plan` answers what the others write down. */
export function takePlan(text: string, call: FunctionCall, seen: Seen): void {
  if (!isPlan(call)) return;
  try {
    const { plan, gates } = JSON.parse(text) as Partial<PlanAnswer>;
    if (plan?.operations !== undefined && gates !== undefined) seen.plan = { plan, gates };
  } catch {
    // A team's own function of that name answers as it likes.
  }
}

function isPlan({ definition, links }: FunctionCall): boolean {
  const takesFormat = definition.arguments.some(({ name }) => name === "format");
  return definition.name === "plan" && links.length === 0 && takesFormat;
}

/** Without a ledger nothing is known of what the stock functions of these names would do. */
export function followsFromLedger(call: FunctionCall): boolean {
  const { from = "", rollback = false, backup = "" } = call.values;
  const isOfBefore = isPlan(call) && (from !== "" || rollback === true || backup !== "");
  return isOfBefore || ofTheLedger.has(call.definition.name);
}

const ofTheLedger: ReadonlySet<string> = new Set([
  ...["promote", "rollback", "restore", "backups", "submitApproval", "resume", "abort"],
  ...["status", "tests", "history", "record", "verify", "diff"],
]);
