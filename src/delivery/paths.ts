import type { Config } from "../config/config.ts";
import { howToSign } from "../release/gates/approvals/approvals.ts";
import { usageError } from "../model/errors.ts";
import type { RepositoryFiles } from "../steps/steps.ts";

interface NamedPath {
  /** Where the config names it: `services.api.dockerfile`. */
  readonly place: string;
  readonly path: string;
  /** True for the file of those who approve. */
  readonly signs?: boolean;
}

/**
 * Every path that the config names has to be there: all that are not are told at once, before anything is run.
 * @param faults places of the config that are wrong: what stands there is not looked at
 * @throws FairwayError PATH_MISSING (exit 2)
 */
export async function requirePaths(
  config: Config,
  source: Pick<RepositoryFiles, "exists">,
  file: string | null,
  faults: readonly string[] = [],
): Promise<void> {
  const named = pathsOf(config).filter(({ place, path }) => path !== "." && !faults.some(isOver(place)));
  const there = await Promise.all(named.map(({ path }) => source.exists(path)));
  const missing = named.filter((_, index) => !there[index]);
  if (missing.length === 0) return;
  const where = file ?? `pipeline(${JSON.stringify(config.name)})`;
  const [first] = missing;
  throw usageError(
    missing.length === 1 && first !== undefined
      ? `${first.path} is not in the repository`
      : `${String(missing.length)} paths of ${where} are not in the repository`,
    {
      code: "PATH_MISSING",
      place: missing.length === 1 && first !== undefined ? `${where} ${first.place}` : where,
      ...(missing.length === 1
        ? {}
        : { output: missing.map(({ place, path }) => `${place}: ${path}`).join("\n") }),
      remedy: [
        "Write them from the root of the repository; what git ignores is there only when it was made.",
        ...missing.flatMap(({ signs, path }) =>
          signs === true ? [`${path} says who approves. ${howToSign}`] : [],
        ),
      ].join("\n"),
    },
  );
}

/** What is wrong there, or around it. */
const isOver = (place: string) => (fault: string) => place === fault || place.startsWith(`${fault}.`);

function pathsOf({ services, database, environments }: Config): NamedPath[] {
  return [
    ...Object.entries(services).flatMap(([name, { dockerfile, context, envSchema }]) => [
      { place: `services.${name}.dockerfile`, path: dockerfile },
      { place: `services.${name}.context`, path: context },
      ...(envSchema === null ? [] : [{ place: `services.${name}.envSchema`, path: envSchema }]),
    ]),
    ...(database === null ? [] : [{ place: "database.prisma.schema", path: database.prisma.schema }]),
    ...Object.entries(environments).flatMap(([name, { approvals }]) =>
      approvals === null
        ? []
        : [{ place: `environments.${name}.approvals.signers`, path: approvals.signers, signs: true }],
    ),
  ];
}
