import { problem } from "../problems.ts";
import type { Rule } from "./rule.ts";

export const checksDiffer: Rule = (config) =>
  config.checks.flatMap(({ name }, index) =>
    config.checks.findIndex((other) => other.name === name) < index
      ? [problem(["checks", index], `the check ${name} is listed twice`)]
      : [],
  );

/** Its database gets the migrations of the repository: without a database there are none. */
export const integrationHasDatabase: Rule = (config) =>
  config.database !== null
    ? []
    : config.checks.flatMap((check, index) =>
        check.kind === "integration"
          ? [problem(["checks", index], "integration needs `database`, whose migrations its database gets")]
          : [],
      );
