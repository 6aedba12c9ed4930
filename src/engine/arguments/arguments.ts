import {
  Kind,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type ArgumentNode,
  type DocumentNode,
  type GraphQLArgument,
  type GraphQLSchema,
} from "graphql";
import { scrub } from "../scrub.ts";
import type { Values } from "../values.ts";
import { decoded, WrongValue } from "./decode.ts";
import { argumentName, expectedTypeOf } from "./go-names.ts";

/**
 * The document with every argument as its type has it. The engine does this for all of a query before anything runs:
 * what does not fit is an error of the whole query.
 * @throws WrongValue with the engine's words
 */
export function withDecodedArguments(
  schema: GraphQLSchema,
  document: DocumentNode,
  values: Values,
  query: string,
): DocumentNode {
  const types = new TypeInfo(schema);
  return visit(
    document,
    visitWithTypeInfo(types, {
      Field: (field) => {
        const known = types.getFieldDef()?.args ?? [];
        const decode = (node: ArgumentNode): ArgumentNode => {
          const argument = known.find(({ name }) => name === node.name.value);
          if (argument === undefined) return node;
          try {
            return { ...node, value: decoded(argument.type, node.value, idCheck(argument, values)) };
          } catch (error) {
            if (!(error instanceof WrongValue)) throw error;
            const { type, decoder } = argumentName(argument);
            const what = `parse field "${field.name.value}": init arg "${argument.name}" value as ${type} using ${decoder}`;
            throw new WrongValue(
              `query:\n${withoutSecrets(document, query)}\n\nerror: parse selections: ${what}: ${error.message}`,
            );
          }
        };
        return { ...field, arguments: field.arguments?.map(decode) ?? [] };
      },
    }),
  );
}

function idCheck(argument: GraphQLArgument, values: Values): (id: string) => void {
  const expected = expectedTypeOf(argument);
  return (id) => {
    const type = values.typeOf(id);
    if (type === undefined)
      throw new WrongValue(`invalid ID string: ${JSON.stringify(id.slice(0, 40))} is no ID of this session`);
    if (expected !== undefined && type !== expected)
      throw new WrongValue(`expected ${JSON.stringify(expected)} ID, got ${type}! ID`);
  };
}

/** An error shows the query; what a secret is made of goes out of it first. */
function withoutSecrets(document: DocumentNode, query: string): string {
  const texts = new Set<string>();
  visit(document, {
    Argument: ({ name, value }) => {
      if (name.value !== "plaintext" || value.kind !== Kind.STRING) return;
      // As it is, and as the query writes it.
      texts.add(value.value).add(JSON.stringify(value.value).slice(1, -1));
    },
  });
  texts.delete("");
  return scrub(query, texts);
}
