import {
  isEnumType,
  isListType,
  isNonNullType,
  Kind,
  type GraphQLArgument,
  type GraphQLInputType,
  type ValueNode,
} from "graphql";

/** What the engine calls the type of a value in a query: the words of its errors. */
export function valueName(node: ValueNode): string {
  switch (node.kind) {
    case Kind.INT:
      return "int64";
    case Kind.FLOAT:
      return "float64";
    case Kind.BOOLEAN:
      return "bool";
    case Kind.LIST:
      return "[]interface {}";
    case Kind.OBJECT:
      return "map[string]interface {}";
    case Kind.NULL:
      return "<nil>";
    default:
      return "string";
  }
}

/** What it calls an argument's type: `dagql.String (String!)` and the decoder `dagql.String`. */
export function argumentName(argument: GraphQLArgument): { readonly type: string; readonly decoder: string } {
  const decoder = decoderName(argument.type, expectedTypeOf(argument));
  return { type: `${decoder} (${String(argument.type)})`, decoder };
}

/** The type of object whose id an argument takes. */
export function expectedTypeOf(argument: GraphQLArgument): string | undefined {
  const directive = argument.astNode?.directives?.find(({ name }) => name.value === "expectedType");
  const value = directive?.arguments?.[0]?.value;
  return value?.kind === Kind.STRING ? value.value : undefined;
}

function decoderName(type: GraphQLInputType, object: string | undefined): string {
  if (!isNonNullType(type)) return "dagql.DynamicOptional";
  if (isListType(type.ofType)) return "dagql.DynamicArrayInput";
  if (isEnumType(type.ofType)) return `core.${enumName(type.ofType.name)}`;
  if (object !== undefined) return `dagql.ID[*github.com/dagger/dagger/core.${object}]`;
  if (type.ofType.name === "ID") return "dagql.Scalar[github.com/dagger/dagger/dagql.AnyID]";
  return `dagql.${type.ofType.name}`;
}

/** One of them has another name inside the engine. */
export function enumName(name: string): string {
  return name === "ReturnType" ? "ReturnTypes" : name;
}
