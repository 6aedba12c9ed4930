import { knownNames, problem } from "../problems.ts";
import type { Rule } from "./rule.ts";

export const smokeOfServices: Rule = (config, names) =>
  Object.entries(config.environments).flatMap(([environment, { smoke }]) =>
    smoke.flatMap((check, index) => {
      const service = "service" in check ? check.service : undefined;
      return service === undefined || names.services.includes(service)
        ? []
        : [
            problem(
              ["environments", environment, "smoke", index, "service"],
              `there is no service ${service}; ${knownNames(service, names.services)}`,
            ),
          ];
    }),
  );

export const environmentsHaveServices: Rule = (config, names) =>
  names.services.length > 0
    ? []
    : Object.keys(config.environments).map((name) =>
        problem(["environments", name], "there are no services to deploy: add one under services"),
      );
