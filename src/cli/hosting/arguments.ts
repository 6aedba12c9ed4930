import { isAbsolute, resolve } from "node:path";
import type { Client } from "@dagger.io/dagger";
import type { ArgumentDefinition, TypeReference } from "../module/manifest.ts";
import { addressed } from "./addresses.ts";

/** What arguments are made of. */
export interface ValueContext {
  readonly dag: Client;
  /** Relative paths on the command line start here. */
  readonly workdir: string;
  /** What the default path `/` stands for: the repository that contains the module, or that uses it as a toolchain. */
  readonly repository: string;
  /** What other default paths start from: the directory of dagger.json. */
  readonly moduleDirectory: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/**
 * The values for a constructor or a method, in order. What was not given stays undefined, so that the default in
 * the code holds; it is null where the type admits that and the code has no default. A number is what the SDK has read
 * of the code, which an engine gives the function: 1 for 1.5 and for 1_000.
 */
export async function argumentValues(
  definitions: readonly ArgumentDefinition[],
  given: Readonly<Record<string, unknown>>,
  context: ValueContext,
): Promise<unknown[]> {
  const values = await Promise.all(
    definitions.map((definition) => toValue(definition, given[definition.name], context)),
  );
  return definitions.flatMap((definition, index) => {
    const value = values[index];
    if (!definition.variadic) return [value ?? whenLeftOut(definition)];
    return Array.isArray(value) ? (value as unknown[]) : [];
  });
}

function whenLeftOut({ nullable, defaultValue }: ArgumentDefinition): number | null | undefined {
  if (typeof defaultValue === "number") return defaultValue;
  return nullable === true && defaultValue === undefined ? null : undefined;
}

function toValue(definition: ArgumentDefinition, given: unknown, context: ValueContext): Promise<unknown> {
  return given === undefined
    ? made(definition, definition.type, defaultAddress(definition, context), context)
    : made(definition, definition.type, given, context);
}

async function made(
  definition: ArgumentDefinition,
  type: TypeReference,
  given: unknown,
  context: ValueContext,
): Promise<unknown> {
  if (type.kind === "list" && Array.isArray(given))
    return Promise.all(given.map((item) => made(definition, type.of, item, context)));
  return type.kind === "object" && typeof given === "string"
    ? addressed(type.name, given, definition, context)
    : given;
}

/** As the engine has it: a default path that is absolute starts at the repository's root. */
function defaultAddress(
  { defaultPath, defaultAddress: address }: ArgumentDefinition,
  { repository, moduleDirectory }: ValueContext,
): string | undefined {
  if (defaultPath === undefined) return address;
  return isAbsolute(defaultPath)
    ? resolve(repository, `.${defaultPath}`)
    : resolve(moduleDirectory, defaultPath);
}
