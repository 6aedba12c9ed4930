import { exitCodes, FairwayError } from "../../model/errors.ts";
import type { FunctionCall } from "../commands/invocation.ts";
import { kebabCase } from "../commands/words.ts";

/** Functions that change an environment, and the one that finishes what they began. */
const finishedBy: ReadonlyMap<string, string> = new Map([
  ["deploy", "resume"],
  ["promote", "resume"],
  ["rollback", "resume"],
  ["restore", "resume"],
  ["maintenance", "maintenance"],
  ["resume", "resume"],
  ["abort", "abort"],
  ["down", "down"],
]);

export function changesEnvironment(call: FunctionCall): boolean {
  return finishedBy.has(call.definition.name);
}

/** For a change of an environment that did not end in order: how far it came is in the ledger, so look there first. */
export function interruptedCall(call: FunctionCall, cause: Error): FairwayError {
  const { name } = call.definition;
  const env = call.values["env"] ?? call.values["to"];
  const flag = typeof env === "string" && /^[\w.-]+$/.test(env) ? ` --env ${env}` : "";
  const finish = finishedBy.get(name) ?? name;
  return new FairwayError(`${kebabCase(name)} was interrupted (${cause.message}): it may be half done`, {
    code: "INTERRUPTED",
    exitCode: exitCodes.interrupted,
    remedy: `See what runs, then finish it:\nnpx fairway status${flag}\nnpx fairway ${finish}${flag}`,
    cause,
  });
}
