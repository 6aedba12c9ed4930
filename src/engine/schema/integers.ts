import { GraphQLError, GraphQLScalarType, GraphQLSchema, Kind } from "graphql";

/** What stands for Int in the definitions while the schema is built: GraphQL's own ends at 32 bits. */
const stand = "LongInt";

/** The definitions with integers of any size that a number holds exactly. */
export function withLongIntegers(definitions: string): string {
  return `scalar ${stand}\n${definitions.replace(/\bInt\b/g, stand)}`;
}

/** Gives them the name that clients know. */
export function namedInt(schema: GraphQLSchema): GraphQLSchema {
  const type = schema.getType(stand);
  if (!(type instanceof GraphQLScalarType)) throw new Error("the schema has no integers");
  type.name = "Int";
  type.serialize = type.parseValue = exact;
  type.parseLiteral = (node) => exact(node.kind === Kind.INT ? Number(node.value) : undefined);
  return new GraphQLSchema(schema.toConfig());
}

function exact(value: unknown): number {
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  throw new GraphQLError(`Int cannot represent ${String(value)}: it is no integer of at most 53 bits`);
}
