import { usageError } from "../../model/errors.ts";
import { faultsOf } from "./check.ts";
import { isInvalid, refused, type Fault } from "./faults.ts";
import type { Instruction, ParsedDockerfile } from "./parse.ts";

export interface Stage {
  readonly index: number;
  /** Lower case; null where it has none. */
  readonly name: string | null;
  readonly from: Instruction;
  readonly instructions: readonly Instruction[];
}

export interface Stages {
  /** ARGs before the first FROM. */
  readonly preamble: readonly Instruction[];
  readonly stages: readonly Stage[];
}

/** @throws FairwayError DOCKERFILE_INVALID (exit 2) where something stands before the first stage, or there is none. */
export function stagesOf(name: string, file: ParsedDockerfile): Stages {
  const preamble: Instruction[] = [];
  const stages: (Stage & { readonly instructions: Instruction[] })[] = [];
  for (const instruction of file.instructions) {
    if (instruction.keyword === "FROM") {
      const name = /\sAS\s+(\S+)\s*$/i.exec(instruction.text)?.[1]?.toLowerCase() ?? null;
      stages.push({ index: stages.length, name, from: instruction, instructions: [] });
    } else if (stages.length > 0) stages.at(-1)?.instructions.push(instruction);
    else if (instruction.keyword === "ARG") preamble.push(instruction);
    else {
      const faults = faultsOf(instruction, () => undefined, file.escape).filter(isInvalid);
      throw refused(name, faults.length > 0 ? faults : [beforeFrom(instruction)]);
    }
  }
  if (stages.length === 0)
    throw usageError(`${name}: no build stage in current context: there is no FROM`, {
      code: "DOCKERFILE_INVALID",
      place: name,
    });
  return { preamble, stages };
}

function beforeFrom({ place, keyword }: Instruction): Fault {
  const reason = "no build stage in current context: FROM must come before it";
  return { place, what: keyword, kind: "invalid", reason };
}

/** The stage and all that it is made of: bases, and what it copies or mounts from. */
export function neededStages(
  stages: readonly Stage[],
  target: Stage,
  baseOf: (stage: Stage) => string,
): ReadonlySet<Stage> {
  const needed = new Set<Stage>();
  const follow = (stage: Stage) => {
    if (needed.has(stage)) return;
    needed.add(stage);
    for (const name of [baseOf(stage), ...sourcesOf(stage)]) {
      const earlier = findStage(stages, name, stage.index);
      if (earlier !== undefined) follow(earlier);
    }
  };
  follow(target);
  return needed;
}

/** The stage of this name or number, among the ones before `before`. */
export function findStage(stages: readonly Stage[], name: string, before = stages.length): Stage | undefined {
  const known = stages.slice(0, before);
  const byName = known.findLast((stage) => stage.name === name.toLowerCase());
  return byName ?? (/^\d+$/.test(name) ? known[Number(name)] : undefined);
}

/** What a stage names as sources of files: to be built beside it. */
export function sourcesOf(stage: Stage): readonly string[] {
  return stage.instructions.flatMap(({ flags }) =>
    flags.flatMap(({ name, value }) => {
      if (name === "from") return [value];
      const from = name === "mount" ? /(?:^|,)from=([^,]+)/.exec(value)?.[1] : undefined;
      return from === undefined ? [] : [from];
    }),
  );
}
