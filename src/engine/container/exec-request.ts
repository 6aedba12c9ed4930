import { hashOf } from "../../model/canonical-json.ts";
import { EngineError } from "../errors.ts";
import type { Session } from "../session.ts";
import { expand } from "./expand.ts";
import type { ContainerState, Mount } from "./state.ts";

export type Expectation = "SUCCESS" | "FAILURE" | "ANY";

/** What is given to withExec, beside the container. */
export interface ExecOptions {
  readonly args: readonly string[];
  readonly useEntrypoint: boolean;
  readonly stdin: string;
  readonly redirectStdin: string;
  readonly redirectStdout: string;
  readonly redirectStderr: string;
  readonly expect: Expectation;
  readonly expand: boolean;
  /** For people: what the step is called where that is not its command (`Dockerfile:7 RUN npm ci`). */
  readonly display?: string;
}

export function commandOf(
  state: ContainerState,
  options: Pick<ExecOptions, "args" | "useEntrypoint" | "expand">,
): readonly string[] {
  const own = options.args.length > 0 ? options.args : state.defaultArgs;
  const args = options.useEntrypoint ? [...state.entrypoint, ...own] : own;
  if (args.length === 0) throw new EngineError("no command has been set");
  return options.expand ? args.map((arg) => expand(state, arg)) : args;
}

/** Changes when what a step sees or leaves behind changes with the engine: then nothing cached fits any more. */
const format = 2;

/** Names a step by all that it sees: files by their keys, secrets by name, services by recipe, volumes by name. */
export async function execKey(
  session: Session,
  state: ContainerState,
  command: readonly string[],
  options: ExecOptions,
): Promise<string> {
  const [secretVariables, mounts, bindings] = await Promise.all([
    Promise.all(state.secretEnv.map(async ({ name, secret }) => [name, (await secret.state()).cacheName])),
    Promise.all(state.mounts.map(mountKey)),
    Promise.all(state.bindings.map(async ({ alias, service }) => [alias, (await service.state()).key])),
  ]);
  return hashOf([
    ...[
      "exec",
      format,
      session.platform,
      state.rootfs.key,
      command,
      state.env.map(({ name, value }) => [name, value]),
    ],
    ...[secretVariables, state.user, state.workdir, mounts, bindings],
    ...state.volatileEnv.map(({ name }) => ["volatile", name]),
    ...[options.stdin, options.redirectStdin, options.redirectStdout, options.redirectStderr, options.expect],
  ]);
}

async function mountKey(mount: Mount): Promise<readonly (string | number | boolean | null)[]> {
  switch (mount.kind) {
    case "contents":
      return ["contents", mount.target, mount.contents.key, mount.path, mount.readOnly];
    case "cache":
      return ["cache", mount.target, mount.volume, mount.sharing];
    case "temporary":
      return ["temporary", mount.target, mount.sizeBytes];
    case "secret":
      return ["secret", mount.target, (await mount.secret.state()).cacheName, mount.owner, mount.mode];
  }
}

/** Whether an exit code is one that the caller takes. Ends by a signal (128 to 191) never are, as on the real engine. */
export function isExpected(exitCode: number, expect: Expectation): boolean {
  if (expect === "SUCCESS") return exitCode === 0;
  if (exitCode >= 128 && exitCode <= 191) return false;
  return expect === "ANY" || exitCode !== 0;
}
