import { nearest } from "../../config/problems.ts";
import { usageError } from "../../model/errors.ts";
import type { FunctionDefinition, Manifest, TypeReference } from "../module/manifest.ts";
import { flagOf, type Flag } from "./flags.ts";
import { commonFlags, functionFlags, type HostFlag } from "./host-flags.ts";
import type { HostOptions, Link } from "./invocation.ts";
import { requireNoInterface } from "./interfaces.ts";
import { listItems } from "./lists.ts";
import { kebabCase } from "./words.ts";

export interface ReadChain {
  readonly links: readonly Link[];
  /** Flags of the command line itself, which may stand anywhere. */
  readonly options: Partial<HostOptions>;
  /** Help was asked for, of the last link. */
  readonly help: boolean;
}

/**
 * Words after a function: functions of what it answers, each with its flags. All of them are read before anything
 * is run. @throws FairwayError COMMAND_UNKNOWN, FLAG_WRONG or FLAG_MISSING (exit 2)
 */
export function readChain(returns: TypeReference, words: readonly string[], manifest: Manifest): ReadChain {
  const links: Link[] = [];
  const options: Record<string, unknown> = {};
  const left = [...words];
  let type = returns;
  let help = false;
  while (left.length > 0) {
    const definition = functionNamed(left.shift() ?? "", type, manifest);
    const values = readFlags(definition, left, { manifest, options });
    help = options["help"] === true;
    if (!help) requireFlags(definition, values);
    links.push({ definition, of: elementOf(type), values });
    type = definition.returns;
  }
  delete options["help"];
  return { links, options, help };
}

/** The functions of an object, or of each object of a list. */
export function functionsOf(type: TypeReference, manifest: Manifest): readonly FunctionDefinition[] {
  const element = elementOf(type);
  return element === undefined ? [] : (manifest.objects[element]?.functions ?? []);
}

function elementOf(type: TypeReference): string | undefined {
  if (type.kind === "list") return elementOf(type.of);
  return type.kind === "object" ? type.name : undefined;
}

export function functionNamed(word: string, type: TypeReference, manifest: Manifest): FunctionDefinition {
  const functions = functionsOf(type, manifest);
  const found = functions.find(({ name }) => kebabCase(name) === kebabCase(word));
  if (found !== undefined) {
    requireNoInterface(found);
    return found;
  }
  const names = functions.map(({ name }) => kebabCase(name));
  const near = nearest(word, names);
  const owner = elementOf(type) ?? type.kind;
  throw usageError(
    `${owner} has no function ${word}${near === undefined ? "" : ` (did you mean ${near}?)`}`,
    {
      code: "COMMAND_UNKNOWN",
      remedy:
        names.length === 0
          ? `nothing can be chained on a ${owner}`
          : `It has: ${names.join(", ")}${beyond(owner, word, manifest)}`,
    },
  );
}

/** What the embedded engine has not, the real one may have: of a class of the module's own there is nothing more. */
function beyond(owner: string, word: string, { objects }: Manifest): string {
  if (objects[owner]?.file != null) return "";
  if (owner === "Service" && word === "up")
    return "\nA service stays up while a program of yours holds it: dag.host().tunnel(service), in  npx fairway run -- node script.mjs";
  return ". What the embedded engine has not, a real one may have: dagger call";
}

interface Reading {
  readonly manifest: Manifest;
  readonly options: Record<string, unknown>;
}

/** Takes flags off the words until the next function. */
function readFlags(
  definition: FunctionDefinition,
  left: string[],
  reading: Reading,
): Record<string, unknown> {
  const flags = definition.arguments.map((argument) => flagOf(argument, reading.manifest));
  const values: Record<string, unknown> = {};
  while (left[0]?.startsWith("-") === true) {
    const [spelled = "", inline] = (left.shift() ?? "").split(/=(.*)/s);
    if (spelled === "-h" || spelled === "--help") {
      reading.options["help"] = true;
      left.length = 0;
      return values;
    }
    const flag = flags.find(({ name }) => `--${name}` === longKebab(spelled));
    const own = flag === undefined ? hostFlag(spelled) : undefined;
    if (flag === undefined && own === undefined) throw unknownFlag(spelled, definition, flags);
    const isSwitch = flag?.isBoolean ?? own?.placeholder === undefined;
    const word = inline ?? (isSwitch ? "true" : left.shift());
    if (word === undefined) throw usageError(`${spelled} needs a value`, { code: "FLAG_WRONG" });
    if (flag !== undefined) {
      const value = readValue(flag, word);
      const before = values[flag.argument.name];
      values[flag.argument.name] =
        flag.isList && Array.isArray(before) ? [...(before as unknown[]), ...(value as unknown[])] : value;
    } else if (own !== undefined) reading.options[own.name] = hostValue(own, word);
  }
  return values;
}

/** The value of a flag from its word. @throws FairwayError FLAG_WRONG (exit 2) */
function readValue(flag: Flag, word: string): unknown {
  try {
    return flag.isList ? listItems(word).map(flag.read) : flag.read(word);
  } catch (error) {
    throw wrong(`--${flag.name}`, word, (error as Error).message);
  }
}

function hostFlag(spelled: string): HostFlag | undefined {
  return [...functionFlags, ...commonFlags].find(
    ({ name, short }) => `--${name}` === spelled || `-${short ?? ""}` === spelled,
  );
}

function hostValue({ name, choices, placeholder }: HostFlag, word: string): unknown {
  if (choices !== undefined && !choices.includes(word))
    throw wrong(`--${name}`, word, `one of ${choices.join(", ")} is needed`);
  return placeholder === undefined ? word === "true" : word;
}

function wrong(flag: string, word: string, why: string): Error {
  return usageError(`${flag} cannot be '${word}': ${why}`, { code: "FLAG_WRONG" });
}

/** `--dockerConfig`, as the code has it, is `--docker-config`. */
function longKebab(spelled: string): string {
  return spelled.startsWith("--") ? `--${kebabCase(spelled.slice(2))}` : spelled;
}

function unknownFlag(spelled: string, { name }: FunctionDefinition, flags: readonly Flag[]): Error {
  const names = flags.map((flag) => `--${flag.name}`);
  const near = nearest(spelled, names);
  return usageError(
    `unknown flag ${spelled} of ${kebabCase(name)}${near === undefined ? "" : ` (did you mean ${near}?)`}`,
    {
      code: "FLAG_WRONG",
      remedy: names.length === 0 ? `${kebabCase(name)} takes no flags` : `It takes: ${names.join(", ")}`,
    },
  );
}

function requireFlags(definition: FunctionDefinition, values: Readonly<Record<string, unknown>>): void {
  const missing = definition.arguments.filter(({ optional, name }) => !optional && !(name in values));
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => `--${kebabCase(name)}`).join(" and ");
  throw usageError(
    `the ${missing.length === 1 ? "flag" : "flags"} ${names} of ${kebabCase(definition.name)} must be given`,
    { code: "FLAG_MISSING" },
  );
}
