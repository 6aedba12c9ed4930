import { problem } from "../problems.ts";
import type { Rule } from "./rule.ts";

export const checklistItemsDiffer: Rule = ({ environments }) =>
  Object.entries(environments).flatMap(([environment, { checklist }]) =>
    checklist.flatMap(({ name }, index) =>
      checklist.findIndex((other) => other.name === name) < index
        ? [problem(["environments", environment, "checklist", index, "name"], `${name} is listed twice`)]
        : [],
    ),
  );

/** What nobody signs, nobody has confirmed. */
export const confirmationHasApprovals: Rule = ({ environments }) =>
  Object.entries(environments).flatMap(([environment, { checklist, approvals, emergency }]) => {
    const first = checklist.findIndex((item) => "confirm" in item);
    if (first < 0) return [];
    if (approvals === null) {
      const path = ["environments", environment, "checklist", first, "confirm"];
      return [problem(path, "needs `approvals`: it is confirmed by those who approve the plan")];
    }
    const skips = emergency?.skips ?? [];
    return skips.includes("approvals") && !skips.includes("checklist")
      ? [
          problem(
            ["environments", environment, "emergency", "skips"],
            "passes by the approvals, and so nobody confirms the checklist: add checklist, or give `emergency` its own `approvals` instead",
          ),
        ]
      : [];
  });
