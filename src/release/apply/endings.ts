import { exitCodes, FairwayError, isFairwayError, reworded } from "../../model/errors.ts";
import { breaksOlderCode, type Plan } from "../../model/plan.ts";
import type { DeploymentSummary } from "../state.ts";
import { Aborted } from "./abort-request.ts";
import type { PlacedOperation } from "./apply.ts";
import type { ReleaseContext } from "./context.ts";

/** How a deployment that did not succeed ends, in the words of the one who has to act on it. */
type Where = Pick<ReleaseContext, "environment" | "command">;

export function wentBack(error: unknown, plan: Plan, context: Where): FairwayError {
  const live = plan.from === null ? "nothing" : plan.from.version;
  const impossible = plan.wayBack.impossible.map((what) => `\nImpossible was ${what}.`).join("");
  const how = error instanceof Aborted ? "was" : "failed:";
  return ending(error, {
    message: `${plan.release.version} ${how} ${messageOf(error)}\nWent back: ${live} is live in ${context.environment}.${impossible}`,
    code: "ROLLED_BACK",
    exitCode: exitCodes.rolledBack,
    next: [commandLine(context, "status")],
  });
}

/** With the place, the words and the remedy of what failed, and then what comes next. */
function ending(
  error: unknown,
  end: Pick<FairwayError, "message" | "code" | "exitCode"> & { readonly next: readonly string[] },
): FairwayError {
  const { place, output, remedy } = isFairwayError(error) ? error : {};
  const { message, code, exitCode, next } = end;
  return new FairwayError(message, {
    ...{ code, exitCode, place, output, cause: error },
    remedy: [...(remedy === undefined ? [] : [remedy]), ...next].join("\n"),
  });
}

/** The target could not be made ready, and nothing was asked of it beside that. */
export function notBegun(error: FairwayError, { environment }: Where): FairwayError {
  return reworded(error, {
    message: `${error.message}. Nothing was begun: what serves in ${environment} is as it was.`,
  });
}

/** It only looked, and what it saw was no good. */
export function nothingChanged(error: FairwayError): FairwayError {
  return reworded(error, { message: `${error.message}. Nothing was changed.` });
}

export function wayBackFailed(error: unknown, backError: unknown, context: Where): FairwayError {
  return ending(error, {
    message: `${messageOf(error)}. The way back failed too: ${messageOf(backError)}`,
    code: "WAY_BACK_FAILED",
    exitCode: exitCodes.interrupted,
    next: [
      `See what runs:         ${commandLine(context, "status")}`,
      `Try the way back again: ${commandLine(context, "resume")}`,
    ],
  });
}

/** A restore whose release does not work: what was live before expects a database that is not there any more. */
export function onlyForward(
  error: unknown,
  { id, plan, operations }: DeploymentSummary,
  context: Where,
): FairwayError {
  const kept = operations.find(({ backup }) => backup !== null)?.backup?.id;
  const back = `Or back to what there was: ${commandLine(context, "restore")} --backup ${kept ?? ""} --reason "..."`;
  return ending(error, {
    message:
      `${plan.release.version} failed: ${messageOf(error)}\nNothing was gone back to: ${context.environment} has the restored ` +
      `database now, and the code of ${plan.from?.version ?? "before"} expects a newer one.`,
    code: "WAY_BACK_IMPOSSIBLE",
    exitCode: exitCodes.interrupted,
    next: [
      `See what runs:            ${commandLine(context, "status")}`,
      `Go on with ${id}: ${commandLine(context, "resume")}`,
      ...(kept === undefined ? [] : [back]),
    ],
  });
}

/** A restore that began, and may be half of one, or be at work still: no code is started on a database that nobody knows. */
export function wayBackUnknown(error: unknown, plan: Plan, context: Where): FairwayError {
  const resume = commandLine(context, "resume");
  const about = operationOption(plan, "restore");
  return ending(error, {
    message:
      `${plan.release.version} failed: ${messageOf(error)}\nNothing was gone back to: whether the database of ` +
      `${context.environment} was restored cannot be told from here.`,
    code: "WAY_BACK_UNKNOWN",
    exitCode: exitCodes.interrupted,
    next: [
      "Look at the database, then say what you found:",
      `${resume} --answer done${about}        # it is that of the backup: go on with its release`,
      `${resume} --answer not-done${about}    # it is not: restore it now`,
    ],
  });
}

/** The way back leaves the database as it is. Where that may be wrong, and it was kept before, the command is named. */
export function withRestore(
  error: FairwayError,
  deployment: DeploymentSummary | undefined,
  context: Where,
): FairwayError {
  const doubtful = deployment?.operations.some(
    ({ operation, state }) =>
      operation.kind === "migrate" &&
      (state !== "done" || operation.migrations.some(({ phase }) => breaksOlderCode(phase))),
  );
  const kept = deployment?.operations.find(({ backup }) => backup !== null)?.backup;
  if (doubtful !== true || kept === undefined || kept === null) return error;
  const restore = [
    "The database is as the migrations left it. As it was before them, without what was written since:",
    `${commandLine(context, "restore")} --backup ${kept.id} --reason "..."`,
  ];
  const remedy = [...(error.remedy === undefined ? [] : [error.remedy]), ...restore].join("\n");
  return reworded(error, { remedy });
}

export function interrupted(error: unknown, plan: Plan, context: Where): FairwayError {
  return new FairwayError(
    `The ${plan.action} of ${plan.release.version} was interrupted (${messageOf(error)}); ` +
      `a part of it may serve in ${context.environment} already, beside what served before.${keptOut(plan)}`,
    {
      code: "INTERRUPTED",
      exitCode: exitCodes.interrupted,
      remedy: [
        `See what runs: ${commandLine(context, "status")}`,
        `Finish it:     ${commandLine(context, "resume")}`,
        `Or go back:    ${commandLine(context, "abort")}`,
      ].join("\n"),
      cause: error,
    },
  );
}

/** What nobody sees who looks at the replicas alone. */
function keptOut({ operations }: Plan): string {
  const begins = operations.some((operation) => operation.kind === "maintenance" && operation.on);
  return begins ? " Visitors may be answered 503 until it is finished, or gone back from." : "";
}

/** It serves, all visitors or a part of them; whether it stays, or gets more of them, is for a person to say. */
export function inReview(
  error: FairwayError,
  { release: { version } }: Plan,
  asked: PlacedOperation | null,
  context: Where,
): FairwayError {
  const about = asked === null ? "" : ` --operation ${String(asked.index + 1)}`;
  const isPart = asked?.operation.kind === "analyse";
  const { environment } = context;
  const message = isPart
    ? `${version} keeps its part of the visitors of ${environment} and waits for a person: ${error.message}`
    : `${version} serves in ${environment} and asks for a review: ${error.message}`;
  return new FairwayError(message, {
    code: error.code,
    exitCode: exitCodes.held,
    output: error.output,
    remedy: [
      `${isPart ? "Go on with it: " : "Keep it:       "}${commandLine(context, "resume")} --answer done${about}`,
      `${isPart ? "Look again:    " : "Watch again:   "}${commandLine(context, "resume")} --answer not-done${about}`,
      `Go back:       ${commandLine(context, "abort")} --reason "..."`,
    ].join("\n"),
    cause: error,
  });
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What is said is about this one, whatever else is asked by then. Of several `resume` says which. */
function operationOption({ operations }: Plan, of: "restore"): string {
  const [only, ...more] = operations.flatMap(({ kind }, index) => (kind === of ? [index + 1] : []));
  return only === undefined || more.length > 0 ? "" : ` --operation ${String(only)}`;
}

function commandLine({ command, environment }: Where, name: string): string {
  return `${command} ${name} --env ${environment}`;
}
