import { knownNames, type Path, problem, type Problem, warning } from "../problems.ts";
import type { Config } from "../schema.ts";
import type { Rule } from "./rule.ts";

/** Every place where plain variables or names of secrets stand, with the service that they are for. */
function places(
  config: Config,
): { path: Path; service: string | null; variables: Record<string, string>; secrets: string[] }[] {
  return [
    ...Object.entries(config.services).map(([name, value]) => ({
      path: ["services", name],
      service: name,
      ...value,
    })),
    ...Object.entries(config.environments).flatMap(([environment, value]) => [
      {
        path: ["environments", environment],
        service: null,
        variables: value.variables,
        secrets: value.secrets,
      },
      ...Object.entries(value.services).map(([name, override]) => ({
        path: ["environments", environment, "services", name],
        service: name,
        ...override,
      })),
    ]),
  ];
}

export const reservedVariables: Rule = (config) =>
  places(config).flatMap(({ path, variables, secrets }) => {
    const wrong = (name: string): string | undefined => {
      if (name === "PORT") return "PORT is set by Fairway for each replica; remove it";
      if (name === config.database?.prisma.url)
        return `${name} is set by Fairway to the environment's database; remove it`;
      return undefined;
    };
    return [
      ...Object.keys(variables).map((name) => ({
        at: [...path, "variables", name],
        atKey: true,
        message: wrong(name),
      })),
      ...secrets.map((name, index) => ({
        at: [...path, "secrets", index],
        atKey: false,
        message: wrong(name),
      })),
    ].flatMap(({ at, atKey, message }) =>
      message === undefined ? [] : [{ ...problem(at, message), atKey }],
    );
  });

/** A name that is a plain variable of a service and a secret of it, in one environment or in all. */
export const notPlainAndSecret: Rule = (config) => {
  const all = places(config);
  const problems: Problem[] = [];
  for (const secret of all) {
    for (const [index, name] of secret.secrets.entries()) {
      const clash = all.find((plain) => name in plain.variables && meet(plain, secret));
      if (clash === undefined) continue;
      const where = `${clash.path.join(".")}.variables`;
      problems.push(
        problem(
          [...secret.path, "secrets", index],
          `${name} is a plain variable in ${where} too; keep one of the two`,
        ),
      );
    }
  }
  return problems;
};

function meet(a: { path: Path; service: string | null }, b: { path: Path; service: string | null }): boolean {
  const sameService = a.service === null || b.service === null || a.service === b.service;
  const sameEnvironment = a.path[0] === "services" || b.path[0] === "services" || a.path[1] === b.path[1];
  return sameService && sameEnvironment;
}

export const secretsListedOnce: Rule = (config) =>
  places(config).flatMap(({ path, secrets }) =>
    secrets.flatMap((name, index) =>
      secrets.indexOf(name) < index ? [problem([...path, "secrets", index], `${name} is listed twice`)] : [],
    ),
  );

/** `${services.<name>.url}` is the only thing that is filled in. */
export const referencesResolve: Rule = (config, names) =>
  places(config).flatMap(({ path, variables, service }) =>
    Object.entries(variables).flatMap(([variable, value]) =>
      [...value.matchAll(/\$\{([^}]*)\}/g)].flatMap(([whole, inner = ""]) => {
        const at = [...path, "variables", variable];
        const name = /^services\.([^.]*)\.url$/.exec(inner)?.[1];
        if (name === undefined) {
          if (/^services\b/.test(inner.trim()))
            return [problem(at, `${whole} is not possible: write \${services.<name>.url}`)];
          return [warning(at, `${whole} stays as it is: only \${services.<name>.url} is filled in`)];
        }
        if (!names.services.includes(name)) {
          return [problem(at, `${whole}: there is no service ${name}; ${knownNames(name, names.services)}`)];
        }
        if (service !== null && service !== name && !(config.services[service]?.needs ?? []).includes(name)) {
          return [
            warning(
              at,
              `${service} uses the URL of ${name} without \`needs: [${name}]\`, so it may start before it`,
            ),
          ];
        }
        return [];
      }),
    ),
  );
