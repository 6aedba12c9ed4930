import { held, usageError, type FairwayError } from "../../model/errors.ts";
import type { Json } from "../../model/canonical-json.ts";
import { requireMayAnswer, type Asker } from "../gates/may-answer.ts";
import { reviewNeeded } from "../health/health.ts";
import type { DeploymentSummary } from "../state.ts";
import { append, type Held, type ReleaseContext } from "./context.ts";
import type { PlacedOperation } from "./apply.ts";
import { titleOf } from "./titles.ts";

/** What a person found out about an operation of which nobody can tell whether it happened. */
export interface Answer {
  readonly answer: "done" | "not done";
  /** The operation, counted from 1 as plans count them; null for the one that is asked about. */
  readonly operation: number | null;
  /** Who says so; null where that is not known. */
  readonly by: Asker | null;
}

/**
 * Writes down what a person says of the one operation that is asked about, and of no other.
 * @returns the deployment with the answer, or as it was where nothing is asked
 * @throws FairwayError ANSWER_NOT_ASKED (exit 2), ANSWER_NOT_ALLOWED (exit 3)
 */
export async function withAnswer(
  deployment: DeploymentSummary,
  asked: PlacedOperation | null,
  given: Answer,
  context: ReleaseContext,
  { lease }: Held,
): Promise<DeploymentSummary> {
  if (given.operation !== null && given.operation - 1 !== asked?.index) {
    throw notAsked(deployment, asked, given.operation, context);
  }
  if (asked === null) {
    context.progress.note(`${deployment.id} asks nothing: what you found was not needed`);
    return deployment;
  }
  await requireMayAnswer(deployment, given.by, context, commandFor(given.answer, asked, context));
  const { index, operation } = asked;
  const { answer } = given;
  const payload = { index, wayBack: false, operation: operation as unknown as Json, answer };
  const { actor: by, at } = await append(context, lease, deployment.id, "operation-answered", payload);
  const all = [...(deployment.answers ?? []), { index, answer, by, at, stands: true }];
  return { ...deployment, answers: all };
}

/** The question: what a person has to look at, and how to say what they found. */
export function operationUnknown(
  deployment: DeploymentSummary,
  asked: PlacedOperation,
  context: Pick<ReleaseContext, "command" | "environment">,
): FairwayError {
  const { index, operation } = asked;
  const [done, notDone] = [commandFor("done", asked, context), commandFor("not done", asked, context)];
  const abort = `${context.command} abort --env ${context.environment}       # go back to what was live`;
  if (operation.kind === "watch" || operation.kind === "analyse") {
    const isPart = operation.kind === "analyse";
    const [stays, again] = isPart
      ? ["it is good enough: go on with the next step", "look at it again, from the beginning"]
      : ["it stays", "watch it again"];
    return held(`${deployment.id} waits for a ${isPart ? "person" : "review"}: ${deployment.message ?? ""}`, {
      code: reviewNeeded,
      remedy: [`${done}        # ${stays}`, `${notDone}    # ${again}`, abort].join("\n"),
    });
  }
  const standing = (deployment.answers ?? []).filter(({ stands }) => stands);
  const written = standing.map(({ index: other, by }) => `${String(other + 1)} (${by})`).join(", ");
  return held(
    `${deployment.id} cannot be resumed without a person: whether "${titleOf(operation)}" (operation ` +
      `${String(index + 1)} of ${String(deployment.plan.operations.length)}) happened cannot be told from what is there now.` +
      `${written === "" ? "" : ` What was said of operation ${written} is written down.`} Nothing was changed.`,
    {
      code: "OPERATION_UNKNOWN",
      remedy: [
        "Look at it, then say what you found:",
        `${done}        # it happened: go on with the next`,
        `${notDone}    # it did not: do it now`,
        // Nobody goes back to code on a database that nobody knows.
        ...(operation.kind === "restore" ? [] : [abort]),
      ].join("\n"),
    },
  );
}

/** Settles this operation and no other, whatever is asked by the time that it is typed. */
function commandFor(
  answer: Answer["answer"],
  { index }: PlacedOperation,
  { command, environment }: Pick<ReleaseContext, "command" | "environment">,
): string {
  return `${command} resume --env ${environment} --answer ${answer.replace(" ", "-")} --operation ${String(index + 1)}`;
}

function notAsked(
  { id, plan }: DeploymentSummary,
  asked: PlacedOperation | null,
  operation: number,
  { command, environment }: ReleaseContext,
): FairwayError {
  const named = plan.operations[operation - 1];
  const what =
    named === undefined
      ? `it has no operation ${String(operation)}`
      : `"${titleOf(named)}" is not asked about`;
  const now =
    asked === null ? "nothing is" : `"${titleOf(asked.operation)}" is (operation ${String(asked.index + 1)})`;
  return usageError(`${id}: ${what}, ${now}. Nothing was changed.`, {
    code: "ANSWER_NOT_ASKED",
    place: "--operation",
    remedy: `See what is asked, or go on:\n${command} resume --env ${environment}`,
  });
}
