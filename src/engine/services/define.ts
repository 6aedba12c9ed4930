import { execKey } from "../container/exec-request.ts";
import { expand } from "../container/expand.ts";
import type { ContainerState } from "../container/state.ts";
import { EngineError } from "../errors.ts";
import type { Session } from "../session.ts";
import { named, type ProgramDefinition } from "./definition.ts";

export interface ServiceOptions {
  readonly args: readonly string[];
  readonly useEntrypoint: boolean;
  readonly expand: boolean;
}

/** The service that a container would be: its command is the given one, else entrypoint and default arguments. */
export async function define(
  session: Session,
  state: ContainerState,
  options: ServiceOptions,
): Promise<ProgramDefinition> {
  const own = options.args.length > 0 ? options.args : state.defaultArgs;
  const withEntrypoint = options.useEntrypoint || options.args.length === 0;
  const args = (withEntrypoint ? [...state.entrypoint, ...own] : own).map((arg) =>
    options.expand ? expand(state, arg) : arg,
  );
  if (args.length === 0 && state.postgres !== null) args.push("postgres");
  if (args.length === 0) throw new EngineError("no command has been set");
  const step = {
    ...{ args, useEntrypoint: false, stdin: "", redirectStdin: "", redirectStdout: "" },
    ...{ redirectStderr: "", expect: "SUCCESS" as const, expand: false },
  };
  const name = named([await execKey(session, state, args, step), state.ports.map((port) => ({ ...port }))]);
  return { kind: "program", ...name, container: state, args, ports: state.ports };
}
