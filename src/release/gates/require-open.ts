import { exitCodes, FairwayError } from "../../model/errors.ts";
import type { Plan } from "../../model/plan.ts";
import { commandsFor, promotedFrom } from "../plan/commands.ts";
import { toldOf, type GateJudgement } from "./judge.ts";

/**
 * Lets a plan start only when every gate is open or was passed by. Says all that is in the way.
 * @throws FairwayError HELD_BY_GATES (exit 3), GATE_REFUSED (exit 1) when no waiting and nobody's consent opens it
 */
export function requireOpenGates(
  plan: Plan,
  hash: string,
  gates: readonly GateJudgement[],
  context: {
    readonly command: string;
    /** False for a deploy to where releases are promoted to: its plan is not the one that people sign. @default true */
    readonly isSigned?: boolean;
    /** Whether the release is live in the environment before, as far as that is known. @default true */
    readonly isPromoted?: boolean;
    /** What a rollback takes the place of: a deployment that did not end; null for none. @default null */
    readonly open?: string | null;
  },
): void {
  const closed = gates.filter(({ state }) => state === "held" || state === "refused");
  if (closed.length === 0) return;
  const refused = closed.some(({ state }) => state === "refused");
  const { environment, release } = plan;
  const why = closed.map((judgement) => `${judgement.gate}: ${toldOf(judgement)}`);
  throw new FairwayError(
    `${release.version} is ${refused ? "refused" : "held"} before ${environment}. Nothing was changed.\n${why.join("\n")}`,
    {
      code: refused ? "GATE_REFUSED" : "HELD_BY_GATES",
      exitCode: refused ? exitCodes.failed : exitCodes.held,
      place: `fairway.yaml environments.${environment}`,
      output: outputOf(closed),
      remedy: remedyOf(plan, hash, closed, context),
    },
  );
}

/** What the scripts of the checklist printed that failed. */
function outputOf(closed: readonly GateJudgement[]): string | undefined {
  const items = closed.flatMap(({ checklist = [] }) => checklist);
  const texts = items.flatMap(({ name, details }) =>
    details === undefined ? [] : [`── ${name}\n${details}`],
  );
  return texts.length === 0 ? undefined : texts.join("\n\n");
}

function remedyOf(
  plan: Plan,
  hash: string,
  closed: readonly GateJudgement[],
  { command, isSigned = true, isPromoted = true, open = null }: Parameters<typeof requireOpenGates>[3],
): string {
  const type = commandsFor(plan, command, isPromoted);
  const abort = `${command} abort --env ${plan.environment} --reason "..."`;
  const instead =
    open === null || plan.action !== "rollback" ? [] : [`No gate holds the way back from ${open}:`, abort];
  // Where nobody can be judged, nobody can sign either.
  const waitsForPeople = closed.some(({ state, approvals }) => approvals !== undefined && state === "held");
  const from = isSigned ? null : promotedFrom(plan, isPromoted);
  // Nobody's consent opens a gate that refuses.
  const isRefused = closed.some(({ state }) => state === "refused");
  if (!waitsForPeople || isRefused) {
    return [...instead, `Look at it: ${type.plan}`, `Then again: ${type.again}`].join("\n");
  }
  return [
    ...instead,
    from === null
      ? `Whoever approves looks at plan ${hash}, then signs it:`
      : `Releases come to ${plan.environment} from ${from}. Whoever approves signs the plan of that promotion:`,
    type.plan,
    // Signing needs a person's key: it is a command of the host, whatever runs the pipeline.
    "npx fairway approve plan.json",
    "Then:",
    type.apply,
  ].join("\n");
}
