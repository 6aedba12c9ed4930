import { existsSync, statSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import type { Client } from "@dagger.io/dagger";
import { usageError } from "../../model/errors.ts";
import { kebabCase } from "../commands/words.ts";
import type { ArgumentDefinition } from "../module/manifest.ts";

/** What arguments are made of. */
export interface ValueContext {
  readonly dag: Client;
  /** Relative paths on the command line start here. */
  readonly workdir: string;
  /** What the default path `/` stands for: the repository. */
  readonly repository: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/**
 * The values for a constructor or a method, in order. What was not given stays undefined, so that the default in
 * the code holds.
 */
export function argumentValues(
  definitions: readonly ArgumentDefinition[],
  given: Readonly<Record<string, unknown>>,
  context: ValueContext,
): unknown[] {
  return definitions.flatMap((definition) => {
    const value = toValue(definition, given[definition.name], context);
    if (!definition.variadic) return [value];
    return Array.isArray(value) ? (value as unknown[]) : [];
  });
}

function toValue(definition: ArgumentDefinition, given: unknown, context: ValueContext): unknown {
  const { type } = definition;
  if (type.kind === "list" && type.of.kind === "object" && Array.isArray(given)) {
    const name = type.of.name;
    return given.map((address) => coreObject(name, String(address), definition, context));
  }
  if (type.kind !== "object") return given;
  const address = typeof given === "string" ? given : defaultAddress(definition, context);
  return address === undefined ? undefined : coreObject(type.name, address, definition, context);
}

/** A default path is of the repository, as the engine has it: absolute from its root. */
function defaultAddress(
  { defaultPath, defaultAddress }: ArgumentDefinition,
  context: ValueContext,
): string | undefined {
  if (defaultPath === undefined) return defaultAddress;
  return resolve(context.repository, isAbsolute(defaultPath) ? `.${defaultPath}` : defaultPath);
}

/** One of the engine's objects, from its address on the command line. */
function coreObject(
  type: string,
  address: string,
  definition: ArgumentDefinition,
  context: ValueContext,
): unknown {
  const flag = `--${kebabCase(definition.name)}`;
  switch (type) {
    case "Directory": {
      const path = existing(address, flag, "directory", context);
      return context.dag.host().directory(path, { exclude: [...(definition.ignore ?? [])] });
    }
    case "File":
      return context.dag.host().file(existing(address, flag, "file", context));
    case "Secret":
      return context.dag.secret(secretUri(address, flag, context));
    case "Container":
      return context.dag.container().from(address);
    case "CacheVolume":
      return context.dag.cacheVolume(address);
    default:
      throw usageError(`${flag}: a ${type} cannot be given on this command line`, {
        code: "FLAG_TYPE",
        remedy: `dagger call can; or give the function a Directory, File, Secret, Container or CacheVolume`,
      });
  }
}

function existing(address: string, flag: string, kind: "directory" | "file", context: ValueContext): string {
  const path = resolve(context.workdir, address.replace(/^file:\/\//, ""));
  const found = existsSync(path) ? statSync(path) : undefined;
  if (kind === "directory" ? found?.isDirectory() : found?.isFile()) return path;
  throw usageError(`${flag}: there is no ${kind} ${address}`, { code: "PATH_MISSING", place: path });
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
