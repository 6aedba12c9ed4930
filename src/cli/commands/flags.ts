import type { ArgumentDefinition, Manifest, TypeReference } from "../module/manifest.ts";
import { kebabCase } from "./words.ts";

/** An argument as the command line spells it. */
export interface Flag {
  /** `remove-data` */
  readonly name: string;
  readonly argument: ArgumentDefinition;
  /** What help shows for its value: `string`, `text,json`, `Directory`; empty for a boolean. */
  readonly placeholder: string;
  readonly description: string;
  readonly required: boolean;
  /** For people; undefined when there is none worth showing. */
  readonly defaultText: string | undefined;
  /** Turns one word into the value that the function gets; throws a plain Error that says what would do. */
  readonly read: (word: string) => unknown;
  readonly isList: boolean;
  readonly isBoolean: boolean;
}

export function flagOf(argument: ArgumentDefinition, manifest: Manifest): Flag {
  const element = argument.type.kind === "list" ? argument.type.of : argument.type;
  const members = element.kind === "enum" ? manifest.enums[element.name]?.members : undefined;
  return {
    name: kebabCase(argument.name),
    argument,
    placeholder:
      element.kind === "boolean"
        ? ""
        : (members?.map(({ name }) => name).join(",") ?? typeName(argument.type)),
    description: argument.description,
    required: !argument.optional,
    defaultText: defaultText(argument, members),
    read: reader(element, members),
    isList: argument.type.kind === "list",
    isBoolean: argument.type.kind === "boolean",
  };
}

export function typeName(type: TypeReference): string {
  switch (type.kind) {
    case "list":
      return `${typeName(type.of)},...`;
    case "object":
    case "enum":
    case "scalar":
    case "interface":
      return type.name;
    case "integer":
      return "int";
    default:
      return type.kind;
  }
}

type Members = readonly { readonly name: string; readonly value: string }[] | undefined;

function reader(type: TypeReference, members: Members): (word: string) => unknown {
  switch (type.kind) {
    case "integer":
      return (word) => {
        if (/^[+-]?\d+$/.test(word)) return Number(word);
        throw new Error("a whole number is needed");
      };
    case "float":
      return (word) => {
        if (word.trim() !== "" && Number.isFinite(Number(word))) return Number(word);
        throw new Error("a number is needed");
      };
    case "boolean":
      return (word) => {
        if (["true", "1"].includes(word)) return true;
        if (["false", "0"].includes(word)) return false;
        throw new Error("true or false is needed");
      };
    case "enum":
      // An enum of the engine's own has no members here: its value goes through as it is.
      return members === undefined ? (word) => word : (word) => memberValue(members, word);
    default:
      return (word) => word;
  }
}

/** By the member's name, in any case, as Dagger does it; the function receives the TypeScript value. */
function memberValue(members: NonNullable<Members>, word: string): string {
  const wanted = kebabCase(word);
  const member = members.find(({ name, value }) => kebabCase(name) === wanted || value === word);
  if (member !== undefined) return member.value;
  throw new Error(`one of ${members.map(({ name }) => name).join(", ")} is needed`);
}

function defaultText(argument: ArgumentDefinition, members: Members): string | undefined {
  const value = argument.defaultValue;
  if (argument.defaultPath === "/") return "the repository";
  if (argument.defaultPath !== undefined) return argument.defaultPath;
  if (argument.defaultAddress !== undefined) return argument.defaultAddress;
  if (value === undefined || value === null || value === "" || value === false) return undefined;
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.join(",");
  return members?.find((member) => member.value === value)?.name ?? String(value);
}
