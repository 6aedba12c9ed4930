import { DockerfileParser, type Dockerfile } from "dockerfile-ast";
import { isFairwayError } from "../../../model/errors.ts";
import { parseReference } from "../../../oci/oci.ts";
import { mutableBases, withArguments } from "./bases.ts";
import { healthcheckMissing, runsAsRoot } from "./runtime.ts";
import type { DockerfileText, Violation } from "./violation.ts";

/** What the policy will say of an image, as far as its Dockerfile tells before it is built. */
export interface Foreseen {
  /** What the image will be refused for, whatever else is in it. */
  readonly certain: readonly Violation[];
  /** What it will be refused for unless its base brings it. */
  readonly unlessBase: readonly Violation[];
}

export function foreseen(dockerfile: DockerfileText): Foreseen {
  const last = lastStage(DockerfileParser.parse(dockerfile.text));
  const kind = last.healthcheck?.split(/\s/)[0]?.toUpperCase();
  const health = kind === undefined ? {} : { Healthcheck: { Test: [kind] } };
  const image = { config: { ...(last.user === undefined ? {} : { User: last.user }), ...health } };
  // A user in a variable is known when it is built.
  const isUserKnown = last.user?.includes("$") !== true;
  const missing = [
    ...(isUserKnown
      ? runsAsRoot(image, dockerfile).map((found) => ({ found, isOwn: last.user !== undefined }))
      : []),
    ...healthcheckMissing(image, dockerfile).map((found) => ({ found, isOwn: kind !== undefined })),
  ];
  const isCertain = ({ isOwn }: { isOwn: boolean }) => isOwn || isBare(last.base);
  return {
    certain: [...missing.filter(isCertain).map(({ found }) => found), ...mutableBases(dockerfile)],
    unlessBase: missing.filter((each) => !isCertain(each)).map(({ found }) => found),
  };
}

interface LastStage {
  /** As the last stage sets it, or an earlier one that it is built on; undefined where none does. */
  readonly user: string | undefined;
  readonly healthcheck: string | undefined;
  /** The image below all of them. */
  readonly base: string;
}

function lastStage(dockerfile: Dockerfile): LastStage {
  const stages = stagesOf(dockerfile);
  let found: LastStage = { user: undefined, healthcheck: undefined, base: "" };
  let stage = stages.pop();
  while (stage !== undefined) {
    const { base, last } = stage;
    found = {
      user: found.user ?? last.get("USER"),
      healthcheck: found.healthcheck ?? last.get("HEALTHCHECK"),
      base,
    };
    const at = stages.findLastIndex(({ name }) => name === base.toLowerCase());
    stages.length = at + 1;
    stage = stages.pop();
  }
  return found;
}

interface Stage {
  readonly name: string | undefined;
  readonly base: string;
  /** What stands after an instruction where it stands last, by its keyword. */
  readonly last: Map<string, string>;
}

function stagesOf(dockerfile: Dockerfile): Stage[] {
  const froms = dockerfile.getFROMs();
  const stages: Stage[] = [];
  for (const instruction of dockerfile.getInstructions()) {
    const from = froms[stages.length];
    if (instruction.getKeyword() === "FROM" && from !== undefined) {
      const base = withArguments(dockerfile, from.getImage() ?? "");
      stages.push({ name: from.getBuildStage()?.toLowerCase(), base, last: new Map() });
    } else stages.at(-1)?.last.set(instruction.getKeyword(), instruction.getArgumentsContent()?.trim() ?? "");
  }
  return stages;
}

/** Official images of which every version runs as root and has no HEALTHCHECK. */
const bare = new Set([
  ...["alpine", "buildpack-deps", "busybox", "debian", "ubuntu"],
  ...["eclipse-temurin", "golang", "nginx", "node", "python", "ruby", "rust"],
]);

function isBare(base: string): boolean {
  if (base === "scratch") return true;
  try {
    const { registry, repository } = parseReference(base);
    return registry === "docker.io" && bare.has(repository.replace(/^library\//, ""));
  } catch (error) {
    if (isFairwayError(error)) return false;
    throw error;
  }
}
