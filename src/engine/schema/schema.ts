import { buildSchema, isEnumType, Kind, type GraphQLNamedType, type GraphQLSchema } from "graphql";
import { base } from "./base.ts";
import { container } from "./container.ts";
import { directory } from "./directory.ts";
import { file } from "./file.ts";
import { host } from "./host.ts";
import { query } from "./query.ts";
import { service } from "./service.ts";
import { values } from "./values.ts";

/**
 * The part of Dagger's API (0.21) that the embedded engine has; names, arguments and nullability as the engine's.
 * An argument that is here but can only have one value is refused by its resolver with any other.
 */
export function engineSchema(): GraphQLSchema {
  const schema = buildSchema([base, query, container, directory, file, host, service, values].join("\n"));
  takesText(schema.getType("NetworkProtocol"));
  return schema;
}

/** Within an input object (a port's protocol) the client writes a value of an enum as text. */
function takesText(type: GraphQLNamedType | undefined): void {
  if (!isEnumType(type)) return;
  const parse = type.parseLiteral.bind(type);
  type.parseLiteral = (node, variables): unknown =>
    parse(node.kind === Kind.STRING ? { ...node, kind: Kind.ENUM } : node, variables);
}
