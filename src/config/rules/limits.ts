import { problem, type Path, type Problem } from "../problems.ts";
import type { Rule } from "./rule.ts";

/** Whoever writes a limit counts on it: what would not be enforced is refused. */
export const limitsHaveLocalTarget: Rule = ({ services, environments }) => {
  const elsewhere = Object.entries(environments).filter(([, { target }]) => target !== "local");
  const refuse = (path: Path, environment: string, remedy: string): Problem =>
    problem(path, `${environment} takes limits from its manifests, not from here: ${remedy}`);
  return elsewhere.flatMap(([environment, { services: overrides }]) => [
    ...Object.entries(overrides).flatMap(([name, { limits }]) =>
      limits === undefined
        ? []
        : [refuse(["environments", environment, "services", name, "limits"], environment, "remove them")],
    ),
    ...Object.entries(services).flatMap(([name, { limits }]) =>
      limits === undefined
        ? []
        : [
            refuse(
              ["services", name, "limits"],
              environment,
              `write them under environments.<name>.services.${name}.limits of those with target local`,
            ),
          ],
    ),
  ]);
};
