import { buildSchema, type GraphQLSchema } from "graphql";
import { address } from "./address.ts";
import { base } from "./base.ts";
import { changeset } from "./changeset.ts";
import { container } from "./container.ts";
import { directory } from "./directory.ts";
import { envFile } from "./env-file.ts";
import { error } from "./error.ts";
import { file } from "./file.ts";
import { git } from "./git.ts";
import { host } from "./host.ts";
import { namedInt, withLongIntegers } from "./integers.ts";
import { json } from "./json.ts";
import { query } from "./query.ts";
import { search } from "./search.ts";
import { service } from "./service.ts";
import { values } from "./values.ts";

const definitions = [
  ...[base, query, container, directory, file, host, service, git, address],
  ...[changeset, envFile, error, json, search, values],
].join("\n");

/** The types whose objects have an id, by which they can be loaded. */
export const nodeTypes: readonly string[] = [...definitions.matchAll(/^ *type (\w+) implements Node/gm)].map(
  ([, name = ""]) => name,
);

/**
 * The part of Dagger's API (0.21) that the embedded engine has; names, arguments and nullability as the engine's.
 * An argument that is here but can only have one value is refused by its resolver with any other.
 */
export function engineSchema(): GraphQLSchema {
  const loaders = nodeTypes.map((type) => `load${type}FromID(id: ID!): ${type}!`);
  const text = withLongIntegers(`${definitions}\nextend type Query {\n${loaders.join("\n")}\n}`);
  return namedInt(buildSchema(text));
}
