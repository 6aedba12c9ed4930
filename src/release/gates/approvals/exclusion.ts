import type { ApprovalsInput, IgnoredKind } from "./judgement.ts";
import { isKnownAs, type Person } from "./people.ts";

/** Why this person may not approve this plan, whatever they sign; null when they may. */
export function exclusionOf(
  person: Person,
  { plan, policy }: Pick<ApprovalsInput, "plan" | "policy">,
): [IgnoredKind, string] | null {
  const author = plan.authors?.find(({ email }) => isKnownAs(person, email));
  if (policy.excludeAuthors && author !== undefined) {
    return ["author", `wrote commits of this plan (${author.email})`];
  }
  const asked = [plan.requester?.email, plan.requester?.name].find(
    (name) => typeof name === "string" && isKnownAs(person, name),
  );
  if (policy.excludeRequester && asked) return ["requester", `asked for this deploy (${asked})`];
  return null;
}
