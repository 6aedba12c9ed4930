import { knownNames, problem, type Problem, warning } from "../problems.ts";
import { registryOf } from "../settings.ts";
import type { Rule } from "./rule.ts";

export const afterExists: Rule = ({ environments }) =>
  Object.entries(environments).flatMap(([name, { after }]) => {
    const others = Object.keys(environments).filter((other) => other !== name);
    if (after === null || others.includes(after)) return [];
    const path = ["environments", name, "after"];
    if (after === name) return [problem(path, "an environment cannot come after itself")];
    return [problem(path, `there is no environment ${after}; ${knownNames(after, others)}`)];
  });

/** Each circle is told once, from its first environment in the order of the file. */
export const afterHasNoCycle: Rule = ({ environments }) => {
  const problems: Problem[] = [];
  const told = new Set<string>();
  for (const start of Object.keys(environments)) {
    const trail = [start];
    for (
      let next = environments[start]?.after ?? null;
      next !== null;
      next = environments[next]?.after ?? null
    ) {
      if (trail.includes(next)) {
        const circle = trail.slice(trail.indexOf(next));
        if (circle.length > 1 && !circle.some((name) => told.has(name))) {
          problems.push(
            problem(["environments", next, "after"], `a circle: ${[...circle, next].join(" after ")}`),
          );
        }
        circle.forEach((name) => told.add(name));
        break;
      }
      trail.push(next);
    }
  }
  return problems;
};

/** A rule that can never ask for anything is a mistake of somebody who thinks that it does. */
export const soakHasBefore: Rule = ({ environments }) =>
  Object.entries(environments).flatMap(([name, { after, soakMinutes }]) =>
    after === null && soakMinutes > 0
      ? [
          problem(
            ["environments", name, "soakMinutes"],
            "needs `after`: the environment in which a release soaks",
          ),
        ]
      : [],
  );

/** What is promoted is what was pushed before, with the login of the registry that it is in. */
export const promotionKeepsRegistry: Rule = (config) =>
  Object.entries(config.environments).flatMap(([name, { after }]) => {
    if (after === null || config.environments[after] === undefined) return [];
    const [own, before] = [name, after].map((one) => JSON.stringify(registryOf(config, one)));
    if (own === before) return [];
    return [
      problem(
        ["environments", name, "after"],
        `the very images of ${after} come here: both must have the same registry`,
      ),
    ];
  });

export const emergencyHasPeople: Rule = ({ environments }) =>
  Object.entries(environments).flatMap(([name, { approvals, emergency }]) =>
    approvals !== null && emergency?.skips.includes("approvals") === true
      ? [
          warning(
            ["environments", name, "emergency", "skips"],
            "anybody who can deploy passes by the approvals; give `emergency` its own `approvals` instead",
          ),
        ]
      : [],
  );
