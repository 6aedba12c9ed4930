import { knownNames, problem, type Path } from "../problems.ts";
import type { Rule } from "./rule.ts";

type Environments = Parameters<Rule>[0]["environments"];

function canaries(environments: Environments) {
  return Object.entries(environments).flatMap(([name, environment]) =>
    "canary" in environment.strategy
      ? [
          {
            environment,
            canary: environment.strategy.canary,
            path: ["environments", name, "strategy", "canary"] as Path,
          },
        ]
      : [],
  );
}

/** Whoever brings about what a manifests repository says does it in his own way. */
export const strategyFitsTarget: Rule = ({ environments }) =>
  Object.entries(environments).flatMap(([name, { strategy, target }]) =>
    target === "local" || "rolling" in strategy
      ? []
      : [
          problem(
            ["environments", name, "strategy"],
            "gitops has no weights and no idle address of its own: leave the strategy to what watches the repository",
          ),
        ],
  );

/** While visitors are kept out there is nobody to judge by. */
export const canaryHasVisitors: Rule = ({ environments }) =>
  canaries(environments).flatMap(({ environment, path }) =>
    environment.maintenance === "never"
      ? []
      : [
          problem(
            path,
            `has no visitors to judge by while maintenance is ${environment.maintenance}: let it be never`,
          ),
        ],
  );

export const limitsAreOfServices: Rule = ({ environments }, { services }) =>
  canaries(environments).flatMap(({ canary, path }) =>
    canary.limits.flatMap((limit, index) =>
      servicesOf(limit)
        .filter(({ name }) => !services.includes(name))
        .map(({ kind, name }) =>
          problem(
            [...path, "limits", index, kind, "services"],
            `there is no service ${name}; ${knownNames(name, services)}`,
          ),
        ),
    ),
  );

/** What no limit judges would get all visitors because something else is good. */
export const canaryJudgesAll: Rule = ({ environments }, { services }) =>
  canaries(environments).flatMap(({ canary, path }) => {
    const named = canary.limits.flatMap((limit) =>
      Object.values(limit).map((of: { services?: string[] | undefined }) => of.services),
    );
    const unjudged = services.filter((name) => named.every((some) => some?.includes(name) === false));
    if (unjudged.length === 0) return [];
    const message = `no limit judges ${unjudged.join(", ")}: a limit without \`services\` judges all that change`;
    return [problem([...path, "limits"], message)];
  });

type AnalysisLimit = ReturnType<typeof canaries>[number]["canary"]["limits"][number];

function servicesOf(limit: AnalysisLimit): readonly { readonly kind: string; readonly name: string }[] {
  return Object.entries(limit).flatMap(
    ([kind, { services = [] }]: [string, { services?: string[] | undefined }]) =>
      services.map((name) => ({ kind, name })),
  );
}
