import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { usageError } from "../../model/errors.ts";
import {
  mainObject,
  type ArgumentDefinition,
  type FunctionDefinition,
  type Manifest,
  type TypeReference,
} from "../module/manifest.ts";
import { askedFormat } from "./answer-format.ts";
import { flagOf, type Flag } from "./flags.ts";
import { callHelp, functionHelp, hostCommandHelp, programHelp, type HelpStyle } from "./help.ts";
import {
  commonFlags,
  explainFormats,
  functionFlags,
  hostCommands,
  hostCommandsFor,
  listFlag,
  type HostCommand,
  type HostFlag,
} from "./host-flags.ts";
import type { EngineChoice, ImagesChoice, HostOptions, Invocation, ProgressChoice } from "./invocation.ts";
import { explain, missingFlags, surplusWords } from "./refusals.ts";
import { listItems } from "./lists.ts";
import { requireNoInterface } from "./interfaces.ts";
import { kebabCase } from "./words.ts";

export interface ProgramContext {
  readonly manifest: Manifest;
  readonly version: string;
  readonly style: HelpStyle;
}

/** Reads a command line. What it asks for is answered; what is wrong with it is a usage error that says how to go on. */
export function parseCommandLine(words: readonly string[], context: ProgramContext): Invocation {
  const explained = explanation(words, context);
  if (explained !== undefined) return explained;
  let found: Invocation | undefined;
  const program = buildProgram(context, (invocation) => (found = invocation));
  try {
    program.parse(normalise(words, context.manifest), { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === versionAsked) return found ?? { kind: "print", text: `${context.version}\n` };
    found = { kind: "print", text: explain(error, program, words) };
  }
  return found ?? { kind: "print", text: programHelp(context) };
}

/** `fairway explain deploy --env staging`: the words of a call, among them those of `explain` itself. */
function explanation(words: readonly string[], context: ProgramContext): Invocation | undefined {
  const names = mainObject(context.manifest).functions.map(({ name }) => kebabCase(name));
  const commands = new Set<string>([...names, "call", "help", ...hostCommands.map(({ name }) => name)]);
  const at = words.findIndex((word) => commands.has(word));
  if (words[at] !== "explain") return undefined;
  const [answers, withoutAnswers] = taken(words.slice(at + 1), "--answers", () => true);
  const [format, rest] = taken(withoutAnswers, "--format", (value) =>
    explainFormats.some((known) => known === value),
  );
  // Without a function it is a command like the others: help, or what is missing.
  if (!rest.some((word) => names.includes(word))) return undefined;
  const call = parseCommandLine([...words.slice(0, at), "call", ...rest], context);
  if (call.kind !== "function") return undefined;
  const values = {
    ...(answers === undefined ? {} : { answers }),
    ...(format === undefined ? {} : { format }),
  };
  return { kind: "host", name: "explain", values, constructorValues: {}, options: call.options, call };
}

/** The value of a flag, and the words without both. */
function taken(
  words: readonly string[],
  flag: string,
  isMeant: (value: string) => boolean,
): readonly [string | undefined, readonly string[]] {
  for (const [index, word] of words.entries()) {
    const inline = word.startsWith(`${flag}=`) ? word.slice(flag.length + 1) : undefined;
    const value = inline ?? (word === flag ? words[index + 1] : undefined);
    if (value !== undefined && isMeant(value))
      return [value, words.toSpliced(index, inline === undefined ? 2 : 1)];
  }
  return [undefined, words];
}

const versionAsked = "fairway.version";

type Take = (invocation: Invocation) => void;

function buildProgram(context: ProgramContext, take: Take): Command {
  const { manifest } = context;
  const main = mainObject(manifest);
  const constructorFlags = main.constructorArguments.map((argument) => flagOf(argument, manifest));

  const program = command("fairway", () => programHelp(context));
  program.option("--version", "").on("option:version", () => {
    take({ kind: "print", text: `${context.version}\n` });
    throw new CommanderError(0, versionAsked, "");
  });
  for (const flag of [...constructorFlags]) addFlag(program, flag);
  addHostFlags(program, commonFlags);
  const call = command("call", () => callHelp(context));
  const hosts = hostCommandsFor(manifest);
  for (const host of hosts) program.addCommand(hostCommand(host, constructorFlags, context, take));
  program.addCommand(call);

  const taken = new Set(["call", "help", ...hosts.map(({ name }) => name)]);
  for (const definition of main.functions) {
    call.addCommand(functionCommand(definition, constructorFlags, context, take));
    if (!taken.has(kebabCase(definition.name))) {
      program.addCommand(functionCommand(definition, constructorFlags, context, take));
    }
  }
  for (const flag of constructorFlags) addFlag(call, flag);
  addHostFlags(call, commonFlags);
  return program;
}

function functionCommand(
  definition: FunctionDefinition,
  constructorFlags: readonly Flag[],
  context: ProgramContext,
  take: Take,
): Command {
  const name = kebabCase(definition.name);
  const flags = definition.arguments.map((argument) => flagOf(argument, context.manifest));
  const made = command(name, () => functionHelp(definition, flags, constructorFlags, context));
  // Words after the function belong to what it answers: `fairway build export --path out`.
  made.passThroughOptions().argument("[chain...]");
  for (const flag of [...flags, ...constructorFlags]) addFlag(made, flag);
  if (name === "check") addHostFlags(made, [listFlag("checks")]);
  addHostFlags(made, [...functionFlags, ...commonFlags]);
  made.action((chain: string[]) => {
    if (
      name === "check" &&
      !flags.some((flag) => flag.name === "list") &&
      made.getOptionValue("list") === true
    ) {
      take({
        ...{ kind: "host", name, values: { list: true }, constructorValues: {} },
        options: hostOptions(allOptions(made)),
      });
      return;
    }
    requireNoInterface(definition);
    if (chain.length > 0 && !isChainable(definition.returns)) throw surplusWords(made, chain);
    const given = allOptions(made);
    const missing = flags.filter(({ required, name: flag }) => required && !(flag in given));
    if (missing.length > 0) throw missingFlags(made, missing);
    const values = { ...valuesOf(definition.arguments, given) };
    const options = hostOptions(given);
    const format = formatArgument(flags);
    const json =
      options.json ||
      (format !== undefined && "format" in values && values["format"] === format.read("json"));
    const asked = askedFormat({
      ...options,
      format,
      value: values["format"] as string | undefined,
      command: name,
    });
    if (asked !== undefined) values["format"] = asked;
    take({
      kind: "function",
      definition,
      constructorValues: valuesOf(
        constructorFlags.map(({ argument }) => argument),
        given,
      ),
      values,
      chain,
      links: [],
      options: { ...options, json },
    });
  });
  return made;
}

function callsFunctions({ name }: HostCommand): boolean {
  return name === "check" || name === "generate";
}

/** Of an object, and of each object of a list. */
function isChainable(type: TypeReference): boolean {
  return type.kind === "list" ? isChainable(type.of) : type.kind === "object";
}

function hostCommand(
  host: HostCommand,
  constructorFlags: readonly Flag[],
  context: ProgramContext,
  take: Take,
): Command {
  const made = command(host.name, () => hostCommandHelp(host, context)).allowExcessArguments(false);
  if (host.operand !== undefined) {
    const operand = `${host.operand}${host.operandMany === true ? "..." : ""}`;
    made.argument(host.operandOptional === true ? `[${operand}]` : `<${operand}>`);
  }
  // The flags of a program are its own.
  if (host.name === "run") made.passThroughOptions();
  if (callsFunctions(host)) for (const flag of constructorFlags) addFlag(made, flag);
  addHostFlags(made, host.flags);
  addHostFlags(
    made,
    commonFlags.filter(({ name }) => !host.flags.some((own) => own.name === name)),
  );
  made.action(() => {
    const given = allOptions(made);
    const missing = host.flags.filter(({ required, name }) => required === true && !(name in given));
    if (missing.length > 0) throw missingFlags(made, missing);
    const operands = host.operandMany === true ? made.args : made.args[0];
    const operand = host.operand === undefined ? {} : { [host.operand]: operands };
    const values = { ...made.opts(), ...operand };
    const arguments_ = constructorFlags.map(({ argument }) => argument);
    const constructorValues = callsFunctions(host) ? valuesOf(arguments_, given) : {};
    take({ kind: "host", name: host.name, values, constructorValues, options: hostOptions(given) });
  });
  return made;
}

function command(name: string, help: () => string): Command {
  return new Command(name)
    .exitOverride()
    .enablePositionalOptions()
    .configureOutput({ writeOut: () => undefined, writeErr: () => undefined })
    .configureHelp({ formatHelp: help })
    .helpOption("-h, --help", "")
    .helpCommand(name === "fairway" || name === "call");
}

/** A flag that two sides want belongs to the first who asks: a function's own before the command line's. */
function addFlag(to: Command, flag: Flag): void {
  if (hasOption(to, flag.name)) return;
  const made = new Option(`--${flag.name} <value>`).argParser((word: string, before: unknown) =>
    flag.isList
      ? [
          ...((before as unknown[] | undefined) ?? []),
          ...(reading(listItems, word) as string[]).map((part) => reading(flag.read, part)),
        ]
      : reading(flag.read, word),
  );
  to.addOption(made);
}

function addHostFlags(to: Command, flags: readonly HostFlag[]): void {
  for (const { name, short, placeholder, choices, whole, isCollected } of flags) {
    if (hasOption(to, name)) continue;
    const made = new Option(
      `${short === undefined ? "" : `-${short}, `}--${name}${placeholder === undefined ? "" : " <value>"}`,
    );
    if (choices !== undefined) {
      made.argParser((word: string) => {
        if (choices.includes(word)) return word;
        throw new InvalidArgumentError(`one of ${choices.join(", ")} is needed`);
      });
    }
    if (isCollected === true)
      made.argParser((word: string, before: string[] | undefined) => [...(before ?? []), word]);
    if (whole === true) {
      made.argParser((word: string) => {
        if (/^\d+$/.test(word)) return Number(word);
        throw new InvalidArgumentError("a whole number is needed");
      });
    }
    to.addOption(made);
  }
}

function hasOption(command: Command, name: string): boolean {
  return command.options.some((option) => option.long === `--${name}`);
}

function reading(read: (word: string) => unknown, word: string): unknown {
  try {
    return read(word);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

/** By kebab name; what stands nearer to the function wins over what stands before it. */
function allOptions(command: Command): Readonly<Record<string, unknown>> {
  const above = command.parent === null ? {} : allOptions(command.parent);
  const own = command.options
    .map((option) => [option.name(), command.getOptionValue(option.attributeName()) as unknown] as const)
    .filter(([, value]) => value !== undefined);
  return { ...above, ...Object.fromEntries(own) };
}

function valuesOf(
  wanted: readonly ArgumentDefinition[],
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const present = wanted.filter(({ name }) => kebabCase(name) in given);
  return Object.fromEntries(present.map(({ name }) => [name, given[kebabCase(name)]]));
}

function hostOptions(given: Readonly<Record<string, unknown>>): HostOptions {
  return {
    engine: (given["engine"] as EngineChoice | undefined) ?? "auto",
    images: (given["images"] as ImagesChoice | undefined) ?? "auto",
    progress: (given["progress"] as ProgressChoice | undefined) ?? "auto",
    json: given["json"] === true,
    out: oneFile(given["output"], given["out"]),
  };
}

/** @throws FairwayError FLAG_TWICE (exit 2) */
function oneFile(...given: readonly unknown[]): string | undefined {
  const files = [...new Set(given.flat().filter((file) => file !== undefined))] as string[];
  if (files.length < 2) return files[0];
  throw usageError(`the answer goes to one file, and ${files.join(" and ")} were named`, {
    code: "FLAG_TWICE",
    remedy: "Leave one --out; what is asked for in two forms is asked for twice.",
  });
}

/** The function's own `format`, where it is one that knows JSON. */
function formatArgument(flags: readonly Flag[]): Flag | undefined {
  const format = flags.find(({ name }) => name === "format");
  if (
    format === undefined ||
    (format.argument.type.kind !== "string" && format.argument.type.kind !== "enum")
  )
    return undefined;
  try {
    format.read("json");
    return format;
  } catch {
    return undefined;
  }
}

/** `--loud` is `--loud true` for a boolean argument; `--loud=false` stays. `migrations --explain` is about all rules. */
function normalise(words: readonly string[], manifest: Manifest): string[] {
  const main = mainObject(manifest);
  // A command of the host may have a flag of the same name that takes a value; `check` is the module's own where it has one.
  const command = words.find((word) => !word.startsWith("-"));
  const isFunction = main.functions.some(({ name }) => kebabCase(name) === command);
  if (!isFunction && hostCommands.some(({ name }) => name === command)) return [...words];
  const all = [...main.constructorArguments, ...main.functions.flatMap((definition) => definition.arguments)];
  const booleans = new Set(
    all.filter(({ type }) => type.kind === "boolean").map(({ name }) => `--${kebabCase(name)}`),
  );
  return words.map((word, index) => {
    const isBare = words[index + 1]?.startsWith("-") ?? true;
    if (word === "--explain" && isBare && words.includes("migrations")) return "--explain=all";
    return booleans.has(word) ? `${word}=true` : word;
  });
}
