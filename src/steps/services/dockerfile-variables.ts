import { DockerfileParser } from "dockerfile-ast";

/** The variables that an image brings along, as far as its Dockerfile says them. */
export interface DockerfileVariables {
  readonly values: Readonly<Record<string, string>>;
  /** Set to what only a build knows: an argument, or another variable. */
  readonly unknown: readonly string[];
}

/** Reads the ENV instructions of the last stage, and of the stages that it stands on. */
export function dockerfileVariables(text: string): DockerfileVariables {
  const dockerfile = DockerfileParser.parse(text);
  const stages = dockerfile.getFROMs().map((from) => ({
    name: from.getBuildStage()?.toLowerCase() ?? null,
    base: from.getImage()?.toLowerCase() ?? null,
    line: from.getRange().start.line,
  }));
  const values: Record<string, string> = {};
  const unknown = new Set<string>();
  const read = (index: number): void => {
    const stage = stages[index];
    if (stage === undefined) return;
    const below = stages.findLastIndex(({ name }, at) => at < index && name !== null && name === stage.base);
    if (below >= 0) read(below);
    const end = stages[index + 1]?.line ?? Infinity;
    for (const instruction of dockerfile.getENVs()) {
      const { line } = instruction.getRange().start;
      if (line < stage.line || line >= end) continue;
      for (const property of instruction.getProperties()) {
        const name = property.getName();
        const value = property.getValue() ?? "";
        unknown.delete(name);
        Reflect.deleteProperty(values, name);
        if (value.includes("$")) unknown.add(name);
        else values[name] = value;
      }
    }
  };
  read(stages.length - 1);
  return { values, unknown: [...unknown] };
}
