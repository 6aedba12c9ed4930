import { canonicalJson } from "../../model/canonical-json.ts";
import { problem } from "../problems.ts";
import type { Rule } from "./rule.ts";

export const dependencyHasDatabase: Rule = ({ database, environments }) =>
  database !== null
    ? []
    : Object.entries(environments).flatMap(([name, { dependencies }]) =>
        dependencies.flatMap((dependency, index) =>
          dependency === "database"
            ? [
                problem(
                  ["environments", name, "dependencies", index],
                  "database needs `database`; of another one say where its URL is: `database: DATABASE_URL`",
                ),
              ]
            : [],
        ),
      );

export const dependenciesDiffer: Rule = ({ environments }) =>
  Object.entries(environments).flatMap(([name, { dependencies }]) => {
    const texts = dependencies.map((dependency) => canonicalJson(dependency));
    return texts.flatMap((text, index) =>
      texts.indexOf(text) < index
        ? [problem(["environments", name, "dependencies", index], "this dependency is listed twice")]
        : [],
    );
  });
