import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { getNamedType, isObjectType } from "graphql";
import { describe, expect, it } from "vitest";
import { expectedTypeOf } from "../../src/engine/arguments/go-names.ts";
import { notHere } from "../../src/engine/schema/not-here.ts";
import { resolvers } from "../../src/engine/resolvers/resolvers.ts";
import { engineSchema } from "../../src/engine/schema/schema.ts";

const types = Object.values(engineSchema().getTypeMap()).filter(
  (type) => isObjectType(type) && !type.name.startsWith("__"),
);
const fieldsOf = (type: (typeof types)[number]) =>
  isObjectType(type) ? Object.values(type.getFields()) : [];

describe("the engine's schema", () => {
  it("has a resolver for each field, and no resolver without a field", () => {
    for (const type of types) {
      const fields = fieldsOf(type).map(({ name }) => name);
      const known = Object.keys(resolvers[type.name] ?? {});
      expect(known.filter((name) => name !== "id").sort(), type.name).toEqual(
        fields.filter((name) => name !== "id").sort(),
      );
    }
  });

  it("says of each argument that takes an id of what it is", () => {
    const bare = types.flatMap((type) =>
      fieldsOf(type).flatMap(({ name, args }) =>
        args
          .filter(
            (argument) => getNamedType(argument.type).name === "ID" && expectedTypeOf(argument) === undefined,
          )
          .map((argument) => `${type.name}.${name}(${argument.name}:)`),
      ),
    );
    expect(bare.filter((name) => !/^Query\.(?:node|load\w+FromID)\(id:\)$/.test(name))).toEqual([]);
  });

  it("and its list of what it lacks make up the client's whole API of these types", () => {
    for (const [name, methods] of clientMethods()) {
      const type = types.find((other) => other.name === name);
      if (type === undefined) continue;
      const known = [...fieldsOf(type).map((field) => field.name), ...Object.keys(notHere[name] ?? {})];
      const missing = methods.filter((method) => !known.includes(method) && !/^load\w+FromID$/.test(method));
      expect(missing, name).toEqual([]);
    }
  });
});

/** The methods of the client's classes that are fields of the API. */
function clientMethods(): readonly (readonly [string, readonly string[]])[] {
  const root = createRequire(import.meta.url).resolve("@dagger.io/dagger");
  const text = readFileSync(new URL("api/client.gen.js", `file://${root}`), "utf8");
  return [...text.matchAll(/^export class (\w+) extends BaseClient \{([\s\S]*?)^\}/gm)].map(
    ([, name = "", body = ""]) => [
      name === "Client" ? "Query" : name,
      [...new Set([...body.matchAll(/select\("(\w+)"/g)].map(([, field = ""]) => field))],
    ],
  );
}
