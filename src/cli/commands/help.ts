import type { Link } from "./invocation.ts";
import {
  mainObject,
  type FunctionDefinition,
  type Manifest,
  type TypeReference,
} from "../module/manifest.ts";
import { flagOf, typeName, type Flag } from "./flags.ts";
import {
  callSummary,
  commonFlags,
  functionFlags,
  hostCommandsFor,
  type HostCommand,
  type HostFlag,
} from "./host-flags.ts";
import { shown } from "./interfaces.ts";
import { firstLine, kebabCase, wrap } from "./words.ts";

export interface HelpStyle {
  /** Columns of the terminal. */
  readonly width: number;
  readonly heading: (text: string) => string;
  readonly name: (text: string) => string;
  readonly faint: (text: string) => string;
}

export const plainStyle: HelpStyle = {
  width: 80,
  heading: (text) => text,
  name: (text) => text,
  faint: (text) => text,
};

interface HelpContext {
  readonly manifest: Manifest;
  readonly style: HelpStyle;
}

/** `fairway --help` */
export function programHelp({ manifest, style }: HelpContext): string {
  const main = mainObject(manifest);
  return page([
    description(main.description, style),
    section("USAGE", ["  fairway [options] <function> [arguments]", "  fairway [options] <command>"], style),
    section("FUNCTIONS", table(functionRows(main.functions), style), style),
    section("COMMANDS", table(commandRows(manifest), style), style),
    section(
      "OPTIONS",
      optionLines(constructorFlags(manifest), [...commonFlags, help, version], style),
      style,
    ),
    wrap('Run "fairway <function> --help" for its arguments.', style.width),
  ]);
}

/** `fairway call --help` */
export function callHelp({ manifest, style }: HelpContext): string {
  const main = mainObject(manifest);
  return page([
    description(main.description, style),
    section("USAGE", ["  fairway call [options] <function> [arguments]"], style),
    section("FUNCTIONS", table(functionRows(main.functions), style), style),
    section("OPTIONS", optionLines(constructorFlags(manifest), [...commonFlags, help], style), style),
  ]);
}

/** `fairway deploy --help` */
export function functionHelp(
  definition: FunctionDefinition,
  flags: readonly Flag[],
  ofConstructor: readonly Flag[],
  { style }: HelpContext,
): string {
  const name = kebabCase(definition.name);
  const more = flags.length === 0 ? "" : " [arguments]";
  const chained = definition.returns.kind === "object" ? " [function]" : "";
  return page([
    description(definition.description, style),
    definition.deprecated === null ? [] : [`Deprecated: ${definition.deprecated}`],
    section("USAGE", [`  fairway ${name} [options]${more}${chained}`], style),
    flags.length === 0 ? [] : section("ARGUMENTS", table(flags.map(flagRow), style), style),
    section("OPTIONS", optionLines(ofConstructor, [...functionFlags, help], style), style),
    definition.returns.kind === "object" ? [`Answers a ${typeName(definition.returns)}.`] : [],
    commonNote(style),
  ]);
}

/** `fairway build directory --help`: of the last word, with what can be chained on its answer. */
export function chainHelp(
  first: FunctionDefinition,
  links: readonly Link[],
  { manifest, style }: HelpContext,
): string {
  const definition = links.at(-1)?.definition ?? first;
  const words = [first, ...links.map((link) => link.definition)].map(({ name }) => kebabCase(name)).join(" ");
  const flags = definition.arguments.map((argument) => flagOf(argument, manifest));
  const functions = manifest.objects[elementName(definition.returns)]?.functions ?? [];
  return page([
    description(definition.description, style),
    section(
      "USAGE",
      [
        `  fairway ${words}${flags.length === 0 ? "" : " [arguments]"}${functions.length === 0 ? "" : " <function>"}`,
      ],
      style,
    ),
    functions.length === 0 ? [] : section("FUNCTIONS", table(functionRows(functions), style), style),
    flags.length === 0 ? [] : section("ARGUMENTS", table(flags.map(flagRow), style), style),
    section("OPTIONS", optionLines([], [...functionFlags, help], style), style),
  ]);
}

function elementName(type: TypeReference): string {
  if (type.kind === "list") return elementName(type.of);
  return type.kind === "object" ? type.name : "";
}

/** `fairway logs --help` */
export function hostCommandHelp(host: HostCommand, { style }: HelpContext): string {
  return page([
    description(host.summary, style),
    section("USAGE", [`  ${usageOf(host)}`], style),
    section("OPTIONS", optionLines([], [...host.flags, help], style), style),
    commonNote(style, host.flags),
  ]);
}

/** A program's own flags stand after `--`, ours before it. */
function usageOf(host: HostCommand): string {
  return host.name === "run"
    ? "fairway run [options] -- <program...>"
    : `fairway ${host.name}${operandOf(host)} [options]`;
}

function operandOf({ operand: name, operandOptional, operandMany }: HostCommand): string {
  if (name === undefined) return "";
  const operand = operandMany === true ? `${name}...` : name;
  return operandOptional === true ? ` [${operand}]` : ` <${operand}>`;
}

/** `fairway functions`: two columns, as Dagger prints them. */
export function functionTable(
  { manifest, style }: HelpContext,
  functions: readonly FunctionDefinition[] = mainObject(manifest).functions,
): string {
  return nameTable(functionRows(functions), style);
}

/** Names and what they are, as Dagger lists functions and checks. */
export function nameTable(rows: readonly Row[], style: HelpStyle): string {
  const width = Math.max(...rows.map(([name]) => name.length), 4) + 3;
  const lines = rows.map(([name, text]) => `${style.name(name.padEnd(width))}${text || style.faint("-")}`);
  return [style.heading(`${"Name".padEnd(width)}Description`), ...lines, ""].join("\n");
}

/** They are the same everywhere: one page has them in full. */
function commonNote(style: HelpStyle, own: readonly { readonly name: string }[] = []): string[] {
  const common = commonFlags.filter(({ name }) => !own.some((flag) => flag.name === name));
  const names = common.map(({ name }) => `--${name}`).join(", ");
  return wrap(`Every command also takes ${names}: fairway --help`, style.width);
}

const help: HostFlag = { name: "help", short: "h", description: "Show this" };
const version: HostFlag = { name: "version", description: "Print the version" };

type Row = readonly [name: string, text: string];

function commandRows(manifest: Manifest): readonly Row[] {
  return [
    ...hostCommandsFor(manifest).map(({ name, summary }): Row => [name, summary]),
    ["call", callSummary] as const,
  ];
}

function functionRows(functions: readonly FunctionDefinition[]): Row[] {
  return shown(functions).map(({ name, description: text }) => [kebabCase(name), firstLine(text)]);
}

function constructorFlags(manifest: Manifest): Flag[] {
  return mainObject(manifest).constructorArguments.map((argument) => flagOf(argument, manifest));
}

function optionLines(flags: readonly Flag[], hostFlags: readonly HostFlag[], style: HelpStyle): string[] {
  const rows = [...flags.map(flagRow), ...hostFlags.map(hostFlagRow)];
  return table(rows, style);
}

function flagRow(flag: Flag): Row {
  return [
    spaced(`--${flag.name}`, flag.placeholder),
    spaced(flag.description, remark(flag.required, flag.defaultText)),
  ];
}

function hostFlagRow({
  name,
  short,
  placeholder = "",
  description: text,
  defaultText,
  required,
}: HostFlag): Row {
  const spelled = short === undefined ? `--${name}` : `-${short}, --${name}`;
  return [spaced(spelled, placeholder), spaced(text, remark(required === true, defaultText))];
}

function remark(required: boolean, defaultText: string | undefined): string {
  if (required) return "[required]";
  return defaultText === undefined ? "" : `(default: ${defaultText})`;
}

function spaced(...parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join(" ");
}

/** Names in one column, words beside them; a name that is too long has its words below it. */
function table(rows: readonly Row[], style: HelpStyle): string[] {
  const longest = Math.max(...rows.map(([name]) => name.length));
  const column = Math.min(longest, 30, Math.floor(style.width / 2) - 4) + 4;
  const room = style.width - column;
  return rows.flatMap(([name, text]) => {
    const lines = wrap(text, room);
    const head = `  ${name}`;
    const beside = head.length + 2 <= column ? lines.shift() : undefined;
    const first = style.name(head) + (beside ? " ".repeat(column - head.length) + beside : "");
    return [first, ...lines.filter((line) => line !== "").map((line) => " ".repeat(column) + line)];
  });
}

function section(title: string, lines: readonly string[], style: HelpStyle): string[] {
  return [style.heading(title), ...lines];
}

function description(text: string, style: HelpStyle): string[] {
  return text === "" ? [] : wrap(text, style.width);
}

function page(parts: readonly (readonly string[])[]): string {
  return `${parts
    .filter((part) => part.length > 0)
    .map((part) => part.join("\n"))
    .join("\n\n")}\n`;
}
