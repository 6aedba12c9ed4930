import { problem } from "../problems.ts";
import type { Rule } from "./rule.ts";

/** Who keeps visitors out has to stand in their way. */
export const maintenanceFitsTarget: Rule = ({ environments }) =>
  Object.entries(environments).flatMap(([name, { target, maintenance }]) =>
    target === "local" || maintenance === "never"
      ? []
      : [
          problem(
            ["environments", name, "maintenance"],
            "is for target local: elsewhere visitors do not come through Fairway; do it where its traffic comes in",
          ),
        ],
  );
