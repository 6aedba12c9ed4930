import type { ApprovalsInput, ApprovalsJudgement, IgnoredApproval, Rejection } from "./judgement.ts";
import { membersOf, missingFor } from "./missing.ts";
import { isKnownAs, peopleOf, type Person } from "./people.ts";
import { mergedNeeds, seatPeople } from "./seats.ts";
import { approvalEventType } from "./statement.ts";
import { weigh, type CastVote } from "./weigh.ts";

/**
 * Whether a plan may be applied, as far as people decide it. Pure: the same events give the same answer.
 *
 * One person counts once. Everybody who counts fills one general seat; beside it a person may fill one seat of one
 * group, so one member of `dba` is enough for `required: 1` with one of `dba`, and nobody answers for two groups.
 */
export function judgeApprovals(input: ApprovalsInput): ApprovalsJudgement {
  const people = peopleOf(input.signers.signers);
  const { approvals, ignored, rejection } = tally(input, people);
  const needs = mergedNeeds([...input.policy.needs, ...input.plan.needsGroups]);
  const seats = seatPeople(
    approvals.map(({ names }) => groupsOf(names, input)),
    needs,
  );
  const counted = approvals.map((vote, index) => ({
    vote,
    person: vote.person,
    group: seats[index] ?? null,
  }));
  const missing = missingFor(input, { rejection, people, counted, needs });
  return {
    state: rejection !== null ? "rejected" : missing.length > 0 ? "held" : "open",
    counted: counted.map(({ vote, group }) => ({
      ...factsOf(vote),
      expiresAt: vote.statement.expiresAt,
      group,
    })),
    ignored,
    missing,
    rejection,
    unknownAuthors: unknownAuthors(input, people),
  };
}

/** Goes through the events in the order of the ledger: the first approval of a person counts, the first rejection ends it. */
function tally(input: ApprovalsInput, people: readonly Person[]) {
  const approvals: CastVote[] = [];
  const ignored: IgnoredApproval[] = [];
  let rejection: Rejection | null = null;
  const events = input.approvals.filter((event) => event.type === approvalEventType);
  for (const event of events.toSorted((a, b) => a.sequence - b.sequence)) {
    const vote = weigh(event, people, input);
    if (vote.ignored !== null) {
      ignored.push(vote.ignored);
    } else if (vote.statement.decision === "reject") {
      rejection ??= factsOf(vote);
    } else {
      const first = approvals.find((other) => other.person === vote.person);
      if (first === undefined) approvals.push(vote);
      else ignored.push(twice(vote, first));
    }
  }
  return { approvals, ignored, rejection };
}

function factsOf({ who, event, fingerprint, statement }: CastVote): Rejection {
  return { who, when: event.at, fingerprint, reason: statement.reason, sequence: event.sequence };
}

function twice({ who, event, fingerprint }: CastVote, first: CastVote): IgnoredApproval {
  const key = fingerprint === first.fingerprint ? "" : ", with another key";
  const why = `the same person approved at ${first.event.at} already${key}`;
  return { who, kind: "twice", why, when: event.at, sequence: event.sequence };
}

function groupsOf(names: readonly string[], input: ApprovalsInput): readonly string[] {
  return Object.keys(input.policy.groups).filter((group) =>
    membersOf(group, input).some((member) => names.includes(member)),
  );
}

function unknownAuthors({ plan, policy }: ApprovalsInput, people: readonly Person[]): readonly string[] {
  if (!policy.excludeAuthors) return [];
  const emails = (plan.authors ?? []).map(({ email }) => email);
  return [...new Set(emails)].filter((email) => !people.some((person) => isKnownAs(person, email)));
}
