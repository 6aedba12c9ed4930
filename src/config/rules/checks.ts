import { knownNames, type Path, problem } from "../problems.ts";
import type { ScanConfig } from "../scan.ts";
import type { Config } from "../schema.ts";
import { circlesAmong } from "./circles.ts";
import type { KnownNames, Rule } from "./rule.ts";

export const checksDiffer: Rule = (config, names) => {
  const checks = placedChecks(config, names);
  return checks.flatMap(({ name, path }, index) =>
    checks.findIndex((other) => other.name === name) < index
      ? [problem(path, `the check ${name} is listed twice`)]
      : [],
  );
};

export const checkNeedsExist: Rule = (config, names) => {
  const checks = placedChecks(config, names);
  const known = checks.map(({ name }) => name);
  return checks.flatMap(({ name, path, needs }) =>
    needs.flatMap((need, index) => {
      const place = [...path, "needs", index];
      if (need === name) return [problem(place, "a check cannot need itself")];
      return known.includes(need)
        ? []
        : [problem(place, `there is no check ${need}; ${knownNames(need, known)}`)];
    }),
  );
};

/** Each circle is told once, from its first check in the order of the file. */
export const checkNeedsHaveNoCycle: Rule = (config, names) => {
  const checks = new Map(placedChecks(config, names).map((check) => [check.name, check]));
  return circlesAmong([...checks.keys()], (name) => checks.get(name)?.needs ?? []).map((circle) =>
    problem([...(checks.get(circle[0] ?? "")?.path ?? []), "needs"], `a circle: ${circle.join(" needs ")}`),
  );
};

/** Its database gets the migrations of the repository: without a database there are none. */
export const integrationHasDatabase: Rule = (config) =>
  config.database !== null
    ? []
    : config.checks.flatMap((check, index) =>
        check.kind === "integration"
          ? [problem(["checks", index], "integration needs `database`, whose migrations its database gets")]
          : [],
      );

/** A name that is written wrong would leave its check required. */
export const optionalChecksExist: Rule = (config, names) => {
  const known = placedChecks(config, names).map(({ name }) => name);
  return Object.entries(config.environments).flatMap(([environment, { optional }]) =>
    optional.flatMap((name, index) =>
      known.includes(name)
        ? []
        : [
            problem(
              ["environments", environment, "optional", index],
              `there is no check ${name}; ${knownNames(name, known)}`,
            ),
          ],
    ),
  );
};

/** What a scanner is told has to be enough for it to look at something. */
export const scansAreWhole: Rule = (config) =>
  config.checks.flatMap((check, index) => {
    const lacking = check.kind === "scan" ? lackingIn(check.options, config) : undefined;
    return lacking === undefined ? [] : [problem(["checks", index], lacking)];
  });

function lackingIn(options: ScanConfig, { services }: Pick<Config, "services">): string | undefined {
  switch (options.scan) {
    case "trivy":
      if ((options.of === "sbom") !== (options.file !== undefined))
        return "trivy looks at a `file` with `of: sbom`, and only then";
      if (options.of === "images" && Object.keys(services).length === 0)
        return "trivy looks at the images of `services` with `of: images`, and there are none";
      return undefined;
    case "licenses":
      if (options.allow === undefined && options.deny === undefined)
        return "licenses needs to know which to `allow`, or which to `deny`";
      return undefined;
    case "sarif": {
      const { script, image, command } = options;
      const byImage = image !== undefined && command !== undefined;
      const isOne = script === undefined ? byImage : image === undefined && command === undefined;
      return isOne ? undefined : "sarif needs a `script` that runs the tool, or an `image` and its `command`";
    }
    default:
      return undefined;
  }
}

interface PlacedCheck {
  readonly name: string;
  readonly path: Path;
  readonly needs: readonly string[];
}

/** The team's own have names, and no place in the config. */
function placedChecks({ checks }: Config, { ownChecks }: KnownNames): readonly PlacedCheck[] {
  return [
    ...checks.map(({ name, needs }, index) => ({ name, needs, path: ["checks", index] })),
    ...ownChecks.map(({ name, needs = [] }) => ({ name, needs, path: ["checks", name] })),
  ];
}
