import { held } from "../../model/errors.ts";
import type { Plan } from "../../model/plan.ts";
import type { ReleaseContext } from "../apply/context.ts";
import type { DeploymentSummary } from "../state.ts";
import type { AllowedSigners } from "./approvals/approvals.ts";
import { isKnownAs, peopleOf, type Person } from "./approvals/people.ts";
import type { GateJudgement } from "./judge.ts";

/** A person, as far as the machine that they sit at says. */
export interface Asker {
  readonly name: string;
  readonly email: string | null;
}

/**
 * Where whoever asked for a deployment may not approve it, they may not say either what became of a step of it: that would
 * be their own word for what others consented to. Who cannot be told from them may not.
 * @throws FairwayError ANSWER_NOT_ALLOWED (exit 3)
 */
export async function requireMayAnswer(
  deployment: DeploymentSummary,
  by: Asker | null,
  { ledger, environment, actor, command }: ReleaseContext,
  again: string,
): Promise<void> {
  if (!excludesRequester(deployment.plan)) return;
  const [started] = await ledger.read({
    ...{ environment, deployment: deployment.id },
    types: ["deployment-started"],
  });
  const { requester, signers, gates } = (started?.payload ?? {}) as unknown as Partial<StartedBy>;
  const why = whyNot({
    ...{ by, at: placeOf(actor), requester: requester ?? null, requestedAt: placeOf(deployment.actor) },
    people: peopleOf(signers?.signers ?? []),
    approvedBy: (gates ?? []).flatMap(({ approvals }) => approvals?.counted ?? []).map(({ who }) => who),
  });
  if (why === null) return;
  throw held(
    `${environment} takes no answer from whoever asked for ${deployment.id}, and ${why}. Nothing was changed.`,
    {
      code: "ANSWER_NOT_ALLOWED",
      remedy:
        by === null
          ? `Answer where it is known who does, by the command line:\n${again.replace(command, "npx fairway")}`
          : `Have it answered by somebody else:\n${again}`,
    },
  );
}

interface StartedBy {
  readonly requester: Asker | null;
  readonly signers: AllowedSigners | null;
  readonly gates: readonly GateJudgement[];
}

interface WhoAnswers {
  readonly by: Asker | null;
  readonly requester: Asker | null;
  /** Where they sit: names of one place can be compared. */
  readonly at: string;
  readonly requestedAt: string;
  readonly people: readonly Person[];
  readonly approvedBy: readonly string[];
}

/** Why this answer does not count; null when it does. Pure. */
export function whyNot({ by, requester, at, requestedAt, people, approvedBy }: WhoAnswers): string | null {
  if (by === null) return "who answers is not known inside of an engine";
  const self = personOf(by, people);
  if (requester === null || isEngine(requester)) {
    // Theirs is the one consent of which it is known whose it is.
    if (approvedBy.some((who) => isSame(who, by.email) || (self !== undefined && isKnownAs(self, who))))
      return null;
    return `who that was is not known: it can be answered by who approved it (${approvedBy.join(", ") || "nobody did"})`;
  }
  const other = personOf(requester, people);
  const both = self !== undefined && other !== undefined;
  if ((both && self === other) || isSame(by.email, requester.email) || isSame(by.name, requester.name))
    return `that was you (${requester.email ?? requester.name})`;
  const toldApart = both || (by.email !== null && requester.email !== null) || at === requestedAt;
  return toldApart
    ? null
    : `whether that was you cannot be told (${nameOf(requester)} asked, and ${nameOf(by)} answers)`;
}

function excludesRequester({ gates }: Plan): boolean {
  const asked = gates.find(({ gate, skipped }) => gate === "approvals" && skipped !== true);
  // A rule that cannot be read is kept.
  return asked !== undefined && (asked.asks as { excludeRequester?: unknown }).excludeRequester !== false;
}

function personOf({ name, email }: Asker, people: readonly Person[]): Person | undefined {
  return people.find(
    (person) => (email !== null && isKnownAs(person, email)) || (name !== "" && isKnownAs(person, name)),
  );
}

/** What is asked for inside of an engine is asked for by nobody in particular. */
function isEngine({ name, email }: Asker): boolean {
  return name === "dagger" && email === null;
}

function isSame(one: string | null, other: string | null): boolean {
  return one !== null && other !== null && one.toLowerCase() === other.toLowerCase();
}

/** `ada@github` sits at github. */
function placeOf(actor: string): string {
  return actor.slice(actor.lastIndexOf("@") + 1);
}

function nameOf({ name, email }: Asker): string {
  return email ?? name;
}
