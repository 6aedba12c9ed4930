import { execKey } from "../container/exec-request.ts";
import { expand } from "../container/expand.ts";
import type { ContainerState } from "../container/state.ts";
import { hashOf } from "../../model/canonical-json.ts";
import { EngineError } from "../errors.ts";
import type { Session } from "../session.ts";
import type { ServiceDefinition } from "./definition.ts";

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
): Promise<ServiceDefinition> {
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
  const key = hashOf([
    "service",
    await execKey(session, state, args, step),
    state.ports.map((port) => ({ ...port })),
  ]);
  const hostname = BigInt(`0x${key.slice("sha256:".length, 28)}`)
    .toString(36)
    .padStart(13, "0")
    .slice(0, 13);
  return { key, hostname, container: state, args, ports: state.ports };
}
