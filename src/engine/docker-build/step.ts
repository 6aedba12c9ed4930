import type { ContainerState } from "../container/state.ts";
import type { Tree } from "../files/tree.ts";
import type { Session } from "../session.ts";
import type { Value } from "../values.ts";
import type { Instruction } from "./parse.ts";
import type { Stage } from "./stages.ts";
import type { Lookup } from "./words.ts";

/** One build, as its instructions see it. */
export interface BuildContext {
  readonly session: Session;
  /** How errors call the Dockerfile. */
  readonly file: string;
  readonly escape: string;
  /** The context, without what .dockerignore names. */
  readonly context: Tree;
  readonly buildArgs: ReadonlyMap<string, string>;
  readonly secrets: readonly Value<"Secret">[];
  /** Variables for FROM, and the defaults that an ARG of a stage takes over. */
  readonly globals: Lookup;
  /** The container that `--from=name` means for this instruction of the stage: an earlier stage, or an image. */
  source(name: string, stage: Stage, by: Instruction): Promise<ContainerState>;
}

/** A stage as far as it is built. */
export interface Progress {
  readonly container: ContainerState;
  /** Variables that an ENV has set: an ARG does not change them. */
  readonly environment: ReadonlySet<string>;
  /** True once this Dockerfile has set CMD: an ENTRYPOINT then leaves it. */
  readonly hasCommand: boolean;
}

export interface Step {
  readonly build: BuildContext;
  readonly stage: Stage;
  readonly progress: Progress;
  readonly container: ContainerState;
  readonly instruction: Instruction;
  /** The text without quotes, variables replaced. */
  expanded(text: string): string;
  /** The words of the text, each so treated; the JSON form is taken as it is. */
  words(): readonly string[];
}

/** What the shell form of an instruction is run by. */
export function shellOf(container: ContainerState): readonly string[] {
  return container.shell ?? ["/bin/sh", "-c"];
}
