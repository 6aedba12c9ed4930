import { existsSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { BuildArg, Client, NetworkProtocol, PortForward, Service } from "@dagger.io/dagger";
import { usageError } from "../../model/errors.ts";
import { kebabCase } from "../commands/words.ts";
import type { ArgumentDefinition } from "../module/manifest.ts";
import type { ValueContext } from "./arguments.ts";

/** One of the engine's objects, from its address on the command line. @throws FairwayError (exit 2) */
export async function addressed(
  type: string,
  address: string,
  definition: ArgumentDefinition,
  context: ValueContext,
): Promise<unknown> {
  const { dag } = context;
  const flag = `--${kebabCase(definition.name)}`;
  switch (type) {
    case "Directory":
      return directory(address, flag, definition, context);
    case "File":
      return file(address, flag, context);
    case "Secret":
      return dag.secret(secretUri(address, flag, context));
    case "Container":
      return dag.container().from(address);
    case "CacheVolume":
      return dag.cacheVolume(address);
    case "Service":
      // As Dagger does it: one that does not answer is told before the function is called.
      return service(address, flag, dag).start();
    case "EnvFile":
      return dag
        .host()
        .file(existing(address, flag, "file", context))
        .asEnvFile();
    case "JSONValue":
      return dag.json().withContents(json(address, flag) as never);
    case "PortForward":
      return portForward(address, flag);
    case "BuildArg":
      return buildArg(address, flag);
    default:
      throw usageError(`${flag}: a ${type} cannot be given on a command line`, {
        code: "FLAG_TYPE",
        remedy: `give the function one of ${addressableTypes.join(", ")}, or call it from code`,
      });
  }
}

/** Types that have an address: others stand in signatures for code only. */
const addressableTypes: readonly string[] = [
  ...["Directory", "File", "Secret", "Container", "Service", "CacheVolume"],
  ...["EnvFile", "JSONValue", "PortForward", "BuildArg"],
];

function directory(
  address: string,
  flag: string,
  { ignore }: ArgumentDefinition,
  context: ValueContext,
): unknown {
  const exclude = [...(ignore ?? [])];
  const git = gitAddress(address);
  if (git !== undefined) {
    const tree = gitTree(git, context.dag);
    const folder = git.path === "" ? tree : tree.directory(git.path);
    return exclude.length === 0 ? folder : folder.filter({ exclude });
  }
  return context.dag.host().directory(existing(address, flag, "directory", context), { exclude });
}

function file(address: string, flag: string, context: ValueContext): unknown {
  const git = gitAddress(address);
  if (git === undefined) return context.dag.host().file(existing(address, flag, "file", context));
  if (git.path !== "") return gitTree(git, context.dag).file(git.path);
  throw usageError(`${flag}: ${address} names a repository, not a file in it`, {
    code: "FLAG_WRONG",
    remedy: `${flag} ${git.remote}#${git.ref === "" ? "main" : git.ref}:path/of/the/file`,
  });
}

interface GitAddress {
  readonly remote: string;
  /** A branch, tag or commit; empty for the repository's own default. */
  readonly ref: string;
  readonly path: string;
}

/** `https://host/repository#ref:path`, and its spellings for ssh; undefined for a path of this machine. */
function gitAddress(address: string): GitAddress | undefined {
  if (!/^((git|https?|ssh):\/\/|[\w.-]+@[\w.-]+:)/.test(address)) return undefined;
  const [remote = "", fragment = ""] = address.split(/#(.*)/s);
  const [ref = "", path = ""] = fragment.split(/:(.*)/s);
  return { remote, ref, path };
}

function gitTree({ remote, ref }: GitAddress, dag: Client) {
  const repository = dag.git(remote);
  return (ref === "" ? repository.head() : repository.ref(ref)).tree();
}

function existing(address: string, flag: string, kind: "directory" | "file", context: ValueContext): string {
  const written = address.replace(/^file:\/\//, "");
  const path = written.startsWith("~/")
    ? join(homedir(), written.slice(2))
    : resolve(context.workdir, written);
  const found = existsSync(path) ? statSync(path) : undefined;
  if (kind === "directory" ? found?.isDirectory() : found?.isFile()) return path;
  const what =
    kind === "directory" ? "a file, and a directory is needed" : "a directory, and a file is needed";
  const message =
    found === undefined ? `${flag}: there is no ${kind} ${address}` : `${flag}: ${address} is ${what}`;
  throw usageError(message, { code: "PATH_MISSING", place: path });
}

/** `env:NAME`, `file:PATH` and `cmd:COMMAND`, as in Dagger. The value itself is refused: it would stand in `ps`. */
function secretUri(address: string, flag: string, context: ValueContext): string {
  const [, scheme, rest = ""] = /^(env|file|cmd):(?:\/\/)?(.+)$/s.exec(address) ?? [];
  if (scheme === "file") return `file://${existing(rest, flag, "file", context)}`;
  if (scheme === "cmd") return `cmd://${rest}`;
  if (scheme === "env" && context.variables[rest] !== undefined) return `env://${rest}`;
  if (scheme === "env") {
    throw usageError(`${flag}: the variable ${rest} is not set`, {
      code: "SECRET_MISSING",
      remedy: `export ${rest}=...`,
    });
  }
  throw usageError(`${flag}: a secret is named, not written on the command line`, {
    code: "SECRET_PLAIN",
    remedy: `one of: ${flag} file:PATH   ${flag} env:NAME   ${flag} cmd:COMMAND`,
  });
}

/** `tcp://host:port`: a service that runs somewhere already, reached from this machine. */
function service(address: string, flag: string, dag: Client): Service {
  const [, host = "", digits = ""] = /^tcp:\/\/(.+):(\d+)\/?$/.exec(address) ?? [];
  const port = Number(digits);
  if (host === "" || port < 1 || port > 65_535) {
    throw usageError(`${flag}: a service is tcp://host:port, not ${address}`, {
      code: "FLAG_WRONG",
      remedy: `${flag} tcp://localhost:5432`,
    });
  }
  return dag.host().service([{ backend: port, frontend: port }], { host: host.replace(/^\[(.*)\]$/, "$1") });
}

/** `frontend:backend`, with `/udp` where it is that. */
function portForward(address: string, flag: string): PortForward {
  const [, frontend = "", backend = "", protocol] = /^(\d+):(\d+)(?:\/(tcp|udp))?$/i.exec(address) ?? [];
  if (backend === "") throw usageError(`${flag}: a port is frontend:backend`, { code: "FLAG_WRONG" });
  return {
    ...{ frontend: Number(frontend), backend: Number(backend) },
    ...(protocol === undefined ? {} : { protocol: protocol.toUpperCase() as unknown as NetworkProtocol }),
  };
}

function buildArg(address: string, flag: string): BuildArg {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(address) ?? [];
  if (name === undefined || value === undefined)
    throw usageError(`${flag}: an argument of a build is NAME=value`, { code: "FLAG_WRONG" });
  return { name, value };
}

function json(text: string, flag: string): string {
  try {
    JSON.parse(text);
    return text;
  } catch (error) {
    throw usageError(`${flag}: not JSON: ${(error as Error).message}`, { code: "FLAG_WRONG" });
  }
}
