import {
  isEnumType,
  isObjectType,
  isScalarType,
  Kind,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLSchema,
} from "graphql";
import { engineSchema } from "../../engine/schema/schema.ts";
import type {
  ArgumentDefinition,
  EnumDefinition,
  FunctionDefinition,
  Manifest,
  ObjectDefinition,
  TypeReference,
} from "./manifest.ts";

/**
 * The module's types and those of the engine's API, so that both are called alike. Read from the embedded engine's own
 * schema: what it has not is refused by name, also where a real engine would have it.
 */
export function withCoreTypes(manifest: Manifest): Manifest {
  const objects: Record<string, ObjectDefinition> = {};
  const enums: Record<string, EnumDefinition> = {};
  for (const type of Object.values(schema().getTypeMap())) {
    if (type.name.startsWith("__") || type.name === "Query") continue;
    if (isObjectType(type)) {
      const functions = Object.values(type.getFields())
        .filter(({ name }) => name !== "id")
        .map((field) => toFunction(type.name, field));
      objects[type.name] = {
        ...{ name: type.name, description: "", constructorArguments: [], functions, state: [], file: null },
      };
    }
    if (isEnumType(type)) {
      const members = type.getValues().map(({ name }) => ({ name, value: name, description: "" }));
      enums[type.name] = { name: type.name, description: "", members };
    }
  }
  return {
    ...manifest,
    objects: { ...objects, ...manifest.objects },
    enums: { ...enums, ...manifest.enums },
  };
}

function toFunction(owner: string, field: GraphQLField<unknown, unknown>): FunctionDefinition {
  return {
    ...{ name: field.name, member: field.name, kind: "method", description: "", deprecated: null },
    arguments: field.args.map(toArgument),
    // `sync`, `start` and `stop` answer the id of the object itself.
    returns: toType(String(field.type), { kind: "object", name: owner }),
    ...{ cache: null, isCheck: false, isGenerator: false },
  };
}

function toArgument(argument: GraphQLArgument): ArgumentDefinition {
  const { name, defaultValue } = argument;
  return {
    ...{ name, description: "", variadic: false },
    type: toType(String(argument.type), objectOf(argument)),
    optional: !String(argument.type).endsWith("!") || defaultValue !== undefined,
    ...(defaultValue === undefined
      ? {}
      : { defaultValue: defaultValue as NonNullable<ArgumentDefinition["defaultValue"]> }),
  };
}

/** Which object an id stands for, as the schema's directive says. */
function objectOf({ astNode }: GraphQLArgument): TypeReference {
  const directive = astNode?.directives?.find(({ name }) => name.value === "expectedType");
  const value = directive?.arguments?.find(({ name }) => name.value === "name")?.value;
  return value?.kind === Kind.STRING ? { kind: "object", name: value.value } : { kind: "string" };
}

let made: GraphQLSchema | undefined;

/** It takes a while to make, and is asked for in two places of one run. */
function schema(): GraphQLSchema {
  return (made ??= engineSchema());
}

const primitives: Readonly<Record<string, TypeReference>> = {
  String: { kind: "string" },
  Int: { kind: "integer" },
  Float: { kind: "float" },
  Boolean: { kind: "boolean" },
  Void: { kind: "void" },
};

/** From the type as the schema spells it: `[String!]!`. Input objects stand among the objects, by their names. */
function toType(spelled: string, ofId: TypeReference): TypeReference {
  const text = spelled.replace(/!$/, "");
  if (text.startsWith("[")) return { kind: "list", of: toType(text.slice(1, -1), ofId) };
  if (text === "ID") return ofId;
  const type = schema().getType(text);
  if (isEnumType(type)) return { kind: "enum", name: text };
  return primitives[text] ?? { kind: isScalarType(type) ? "scalar" : "object", name: text };
}
