import { exclusionOf } from "./exclusion.ts";
import type { ApprovalsInput, Rejection } from "./judgement.ts";
import { keyStanding } from "./key-standing.ts";
import type { Person } from "./people.ts";
import type { GroupNeed } from "./seats.ts";

/** What stands in the way, a line each, for people: what is missing, and from whom it can come. */
export function missingFor(
  input: ApprovalsInput,
  found: {
    readonly rejection: Rejection | null;
    readonly people: readonly Person[];
    readonly counted: readonly { readonly person: Person; readonly group: string | null }[];
    readonly needs: readonly GroupNeed[];
  },
): readonly string[] {
  const { policy } = input;
  if (found.rejection !== null) return [rejected(found.rejection)];
  if (policy.required === 0 && found.needs.length === 0) return [];
  const left = found.people
    .filter((person) => !found.counted.some((counted) => counted.person === person))
    .filter((person) => exclusionOf(person, input) === null)
    .map((person) => namesOf(person, input))
    .filter((names) => names.length > 0);
  const groups = found.needs.map(({ group, count }) => {
    const members = membersOf(group, input);
    const have = found.counted.filter((counted) => counted.group === group).length;
    const able = left.flatMap((names) => names.find((name) => members.includes(name)) ?? []);
    return shortage({ of: ` of ${group}`, needed: count, have, able });
  });
  const have = found.counted.length;
  const general = shortage({ of: "", needed: policy.required, have, able: left.map(([name]) => name!) });
  return [...unknownFacts(input), ...groups, general].filter((line) => line !== null);
}

/** The members of a group, in lower case as the names of signers are. */
export function membersOf(group: string, { policy }: Pick<ApprovalsInput, "policy">): readonly string[] {
  const members = Object.hasOwn(policy.groups, group) ? policy.groups[group]! : [];
  return members.map((member) => member.toLowerCase());
}

function rejected({ who, reason }: Rejection): string {
  const why = reason === null ? "" : ` (${reason})`;
  return `${who} rejected this plan${why}, and a rejection stands: change what is released, then plan again`;
}

/** What has to be known before anybody's approval can be told from an excluded person's. */
function unknownFacts({ plan, policy, consumed }: ApprovalsInput): string[] {
  const lines: string[] = [];
  if (consumed.has(plan.planHash)) {
    lines.push("a new plan: an apply of this one has started before, which used up its approvals");
  }
  if (policy.excludeAuthors && plan.authors === null) {
    lines.push(
      "who wrote the commits: the history does not reach the live commit (in a shallow clone: git fetch --unshallow)",
    );
  }
  if (policy.excludeRequester && plan.requester === null) lines.push("who asks for this deploy");
  return lines;
}

function shortage(input: {
  /** ` of dba`, or nothing for anybody. */
  readonly of: string;
  readonly needed: number;
  readonly have: number;
  readonly able: readonly string[];
}): string | null {
  const { of, needed, have, able } = input;
  const short = needed - have;
  if (short <= 0) return null;
  const shown = able.length > 5 ? [...able.slice(0, 5), `${String(able.length - 5)} more`] : able;
  const from = shown.length === 0 ? "nobody is left who may" : `from ${shown.join(", ")}`;
  const enough = shown.length > 0 && able.length < short ? "; they are too few" : "";
  const noun = short === 1 ? "approval" : "approvals";
  return `${String(short)} more ${noun}${of} (${String(have)} of ${String(needed)}): ${from}${enough}`;
}

/** The names by which this person could approve now. */
function namesOf(person: Person, { signers, now }: ApprovalsInput): readonly string[] {
  const names = person.lines.flatMap((line) => {
    const standing = keyStanding(signers, line.key.fingerprint, [now]);
    return standing.ok ? standing.names : [];
  });
  return [...new Set(names)];
}
