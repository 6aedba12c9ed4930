import type { Plan } from "../../model/plan.ts";

/** What to type for a plan of the same kind: one that is promoted is not planned, or applied, as a deploy. */
export function commandsFor(plan: Plan, command: string): { readonly plan: string; readonly apply: string } {
  const { environment, gates } = plan;
  const promotion = gates.find(({ gate }) => gate === "promotion")?.asks as { after: string } | undefined;
  if (promotion === undefined) {
    return {
      plan: `${command} plan --env ${environment} --out plan.json`,
      apply: `${command} deploy --env ${environment}`,
    };
  }
  return {
    plan: `${command} plan --env ${environment} --from ${promotion.after} --out plan.json`,
    apply: `${command} promote --from ${promotion.after} --to ${environment} --plan plan.json`,
  };
}
