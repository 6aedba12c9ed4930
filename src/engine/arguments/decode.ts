import {
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isScalarType,
  Kind,
  type GraphQLEnumType,
  type GraphQLInputType,
  type ValueNode,
} from "graphql";
import { enumName, valueName } from "./go-names.ts";

/** A value that an argument does not take; the message is the engine's. */
export class WrongValue extends Error {
  override readonly name: string = "WrongValue";
}

/**
 * A value of a query as the type has it. As the engine does, a text is taken for a list (as JSON), an enum value, a
 * number and a boolean. `check` looks at ids.
 */
export function decoded(type: GraphQLInputType, node: ValueNode, check: (id: string) => void): ValueNode {
  if (node.kind === Kind.VARIABLE) return node;
  if (isNonNullType(type)) {
    if (node.kind === Kind.NULL && !isListType(type.ofType) && isScalarType(type.ofType))
      throw new WrongValue(`cannot create ${type.ofType.name} from <nil>`);
    return decoded(type.ofType, node, check);
  }
  if (node.kind === Kind.NULL) return node;
  if (isListType(type)) {
    const values = node.kind === Kind.LIST ? node.values : listOf(node);
    return { kind: Kind.LIST, values: values.map((value) => decoded(type.ofType, value, check)) };
  }
  if (isEnumType(type)) return enumValue(type, node);
  if (isInputObjectType(type)) {
    if (node.kind !== Kind.OBJECT) throw new WrongValue(`cannot create ${type.name} from ${valueName(node)}`);
    const fields = type.getFields();
    return {
      ...node,
      fields: node.fields.map((field) => {
        const known = fields[field.name.value];
        return known === undefined ? field : { ...field, value: decoded(known.type, field.value, check) };
      }),
    };
  }
  const scalar = decoders[type.name] ?? text;
  const value = scalar(node, type.name);
  if (type.name === "ID" && value.kind === Kind.STRING) check(value.value);
  return value;
}

const decoders: Readonly<Partial<Record<string, (node: ValueNode, name: string) => ValueNode>>> = {
  Int: (node) => {
    if (node.kind === Kind.INT) return integer(BigInt(node.value));
    if (node.kind === Kind.FLOAT && Number.isInteger(Number(node.value)))
      return integer(BigInt(Number(node.value)));
    if (node.kind === Kind.FLOAT)
      throw new WrongValue(`cannot create Int from ${String(Number(node.value))}`);
    if (node.kind !== Kind.STRING) throw new WrongValue(`cannot create Int from ${valueName(node)}`);
    if (/^[+-]?\d+$/.test(node.value)) return integer(BigInt(node.value.replace("+", "")));
    throw new WrongValue(`strconv.ParseInt: parsing ${JSON.stringify(node.value)}: invalid syntax`);
  },
  Boolean: (node) => {
    if (node.kind === Kind.BOOLEAN) return node;
    if (node.kind !== Kind.STRING) throw new WrongValue(`cannot create Boolean from ${valueName(node)}`);
    if (/^(?:1|t|T|TRUE|true|True)$/.test(node.value)) return { kind: Kind.BOOLEAN, value: true };
    if (/^(?:0|f|F|FALSE|false|False)$/.test(node.value)) return { kind: Kind.BOOLEAN, value: false };
    throw new WrongValue(`strconv.ParseBool: parsing ${JSON.stringify(node.value)}: invalid syntax`);
  },
};

function text(node: ValueNode, name: string): ValueNode {
  if (node.kind === Kind.STRING) return node;
  if (node.kind === Kind.ENUM) return { kind: Kind.STRING, value: node.value };
  throw new WrongValue(`cannot create ${name} from ${valueName(node)}`);
}

function integer(value: bigint): ValueNode {
  if (Number.isSafeInteger(Number(value))) return { kind: Kind.INT, value: String(value) };
  throw new WrongValue(`${String(value)} is larger than the 53 bits that the embedded engine keeps exactly`);
}

function enumValue(type: GraphQLEnumType, node: ValueNode): ValueNode {
  if (node.kind !== Kind.ENUM && node.kind !== Kind.STRING)
    throw new WrongValue(`cannot create ${type.name} from ${valueName(node)}`);
  if (type.getValue(node.value) != null) return { kind: Kind.ENUM, value: node.value };
  throw new WrongValue(`invalid enum member ${JSON.stringify(node.value)} for core.${enumName(type.name)}`);
}

function listOf(node: ValueNode): readonly ValueNode[] {
  if (node.kind !== Kind.STRING && node.kind !== Kind.ENUM)
    throw new WrongValue(`cannot create DynamicArrayInput from ${valueName(node)}`);
  const shown = JSON.stringify(node.value);
  let values: unknown;
  try {
    values = JSON.parse(node.value);
  } catch {
    const first = node.value.trimStart()[0];
    const why =
      first === undefined
        ? "EOF"
        : /[[\]{}"\dtfn-]/.test(first) && first !== "]" && first !== "}"
          ? "it is no JSON"
          : `invalid character '${first}' looking for beginning of value`;
    throw new WrongValue(`decode ${shown}: ${why}`);
  }
  if (!Array.isArray(values)) throw new WrongValue(`decode ${shown}: it is no list`);
  return values.map(literalOf);
}

/** A value of JSON as a query writes it. */
function literalOf(value: unknown): ValueNode {
  if (value === null) return { kind: Kind.NULL };
  if (Array.isArray(value)) return { kind: Kind.LIST, values: value.map(literalOf) };
  if (typeof value === "boolean") return { kind: Kind.BOOLEAN, value };
  if (typeof value === "string") return { kind: Kind.STRING, value };
  if (typeof value === "number")
    return { kind: Number.isInteger(value) ? Kind.INT : Kind.FLOAT, value: String(value) };
  throw new WrongValue("an object in a list that is written as text");
}
