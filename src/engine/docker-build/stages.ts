import { EngineError } from "../errors.ts";
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

export function stagesOf(file: ParsedDockerfile): Stages {
  const preamble: Instruction[] = [];
  const stages: (Stage & { readonly instructions: Instruction[] })[] = [];
  for (const instruction of file.instructions) {
    if (instruction.keyword === "FROM") {
      const name = /\sAS\s+(\S+)\s*$/i.exec(instruction.text)?.[1]?.toLowerCase() ?? null;
      stages.push({ index: stages.length, name, from: instruction, instructions: [] });
    } else if (stages.length > 0) stages.at(-1)?.instructions.push(instruction);
    else if (instruction.keyword === "ARG") preamble.push(instruction);
    else
      throw new EngineError(
        `${instruction.place}: no build stage in current context: FROM must come before ${instruction.keyword}`,
      );
  }
  if (stages.length === 0) throw new EngineError("no build stage in current context: there is no FROM");
  return { preamble, stages };
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
