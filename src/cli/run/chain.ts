import { resolve } from "node:path";
import { usageError } from "../../model/errors.ts";
import { flagOf } from "../commands/flags.ts";
import { kebabCase } from "../commands/words.ts";
import type { ArgumentDefinition, FunctionDefinition, Manifest, TypeReference } from "../module/manifest.ts";
import { argumentValues, type ValueContext } from "./values.ts";

/** `fairway build export --path out`: functions of what a function answered. */
export async function callChain(
  object: unknown,
  type: TypeReference,
  words: readonly string[],
  manifest: Manifest,
  context: ValueContext,
): Promise<unknown> {
  const [name = "", ...rest] = words;
  const functions = functionsOf(type, manifest);
  const found = functions.find((candidate) => kebabCase(candidate.name) === name);
  if (found === undefined) throw unknown(name, type, functions);
  const { given, words: further } = readFlags(found, rest, manifest);
  const target = object as Record<string, unknown>;
  const member = target[found.member];
  // `export --path out` writes beside the user, not beside the engine.
  if (name === "export" && typeof given["path"] === "string")
    given["path"] = resolve(context.workdir, given["path"]);
  const values = argumentValues(found.arguments, given, context);
  const result: unknown = typeof member === "function" ? await Reflect.apply(member, target, values) : member;
  return further.length === 0 ? result : callChain(result, found.returns, further, manifest, context);
}

export function isChainable(value: unknown, type: TypeReference): boolean {
  return typeof value === "object" && value !== null && type.kind === "object";
}

function functionsOf(type: TypeReference, manifest: Manifest): readonly FunctionDefinition[] {
  if (type.kind !== "object") return [];
  return manifest.objects[type.name]?.functions ?? coreFunctions[type.name] ?? [];
}

function readFlags(definition: FunctionDefinition, words: readonly string[], manifest: Manifest) {
  const given: Record<string, unknown> = {};
  const left = [...words];
  while (left[0]?.startsWith("--") === true) {
    const [name = "", inline] = (left.shift() ?? "").slice(2).split(/=(.*)/s);
    const argument = definition.arguments.find((candidate) => kebabCase(candidate.name) === name);
    if (argument === undefined)
      throw usageError(`unknown flag --${name} of ${kebabCase(definition.name)}`, { code: "FLAG_WRONG" });
    const flag = flagOf(argument, manifest);
    const word = inline ?? (flag.isBoolean ? "true" : left.shift());
    if (word === undefined) throw usageError(`--${name} needs a value`, { code: "FLAG_WRONG" });
    given[argument.name] = flag.isList ? word.split(",").map(flag.read) : flag.read(word);
  }
  const missing = definition.arguments.filter(({ optional, name }) => !optional && !(name in given));
  if (missing[0] !== undefined) {
    throw usageError(
      `the flag --${kebabCase(missing[0].name)} of ${kebabCase(definition.name)} must be given`,
      { code: "FLAG_MISSING" },
    );
  }
  return { given, words: left };
}

function unknown(name: string, type: TypeReference, functions: readonly FunctionDefinition[]): Error {
  const typeName = type.kind === "object" ? type.name : type.kind;
  const names = functions.map((candidate) => kebabCase(candidate.name)).join(", ");
  return usageError(`a ${typeName} has no function ${name} on this command line`, {
    code: "COMMAND_UNKNOWN",
    remedy: names === "" ? "write a function of your own that answers text" : `it has: ${names}`,
  });
}

const text: TypeReference = { kind: "string" };
const words: TypeReference = { kind: "list", of: text };

function core(name: string, returns: TypeReference, ...required: readonly string[]): FunctionDefinition {
  return {
    name,
    member: name,
    kind: "method",
    description: "",
    deprecated: null,
    arguments: required.map((argument): ArgumentDefinition => ({
      name: argument,
      description: "",
      type: text,
      optional: false,
      variadic: false,
    })),
    returns,
    cache: null,
    isCheck: false,
    isGenerator: false,
  };
}

/** What people call on the engine's own objects; all else is for code. */
const coreFunctions: Readonly<Record<string, readonly FunctionDefinition[]>> = {
  Container: [
    core("stdout", text),
    core("stderr", text),
    core("publish", text, "address"),
    core("export", text, "path"),
    core("file", { kind: "object", name: "File" }, "path"),
    core("directory", { kind: "object", name: "Directory" }, "path"),
  ],
  Directory: [
    core("entries", words),
    core("glob", words, "pattern"),
    core("export", text, "path"),
    core("file", { kind: "object", name: "File" }, "path"),
    core("directory", { kind: "object", name: "Directory" }, "path"),
  ],
  File: [core("contents", text), core("size", { kind: "integer" }), core("export", text, "path")],
};
