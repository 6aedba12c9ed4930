import { knownNames, problem, warning } from "../problems.ts";
import { circlesAmong } from "./circles.ts";
import type { Rule } from "./rule.ts";

export const needsExist: Rule = (config, names) =>
  Object.entries(config.services).flatMap(([name, service]) =>
    service.needs.flatMap((need, index) => {
      const path = ["services", name, "needs", index];
      if (need === name) return [problem(path, "a service cannot need itself")];
      return names.services.includes(need)
        ? []
        : [problem(path, `there is no service ${need}; ${knownNames(need, names.services)}`)];
    }),
  );

/** Each circle is told once, from its first service in the order of the file. */
export const needsHaveNoCycle: Rule = (config) =>
  circlesAmong(Object.keys(config.services), (name) => config.services[name]?.needs ?? []).map((circle) =>
    problem(["services", circle[0] ?? "", "needs"], `a circle: ${circle.join(" needs ")}`),
  );

export const portsDiffer: Rule = (config) => {
  const first = new Map<number, string>();
  return Object.entries(config.services).flatMap(([name, { port }]) => {
    const other = first.get(port);
    if (other === undefined) {
      first.set(port, name);
      return [];
    }
    return [
      warning(
        ["services", name, "port"],
        `port ${String(port)} is that of ${other} too; this works here, as each replica gets a port of its own in PORT`,
      ),
    ];
  });
};

export const overridesAreOfServices: Rule = (config, names) =>
  Object.entries(config.environments).flatMap(([environment, { services }]) =>
    Object.keys(services)
      .filter((name) => !names.services.includes(name))
      .map((name) => ({
        ...problem(
          ["environments", environment, "services", name],
          `there is no service ${name}; ${knownNames(name, names.services)}`,
        ),
        atKey: true,
      })),
  );
