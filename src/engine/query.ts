import {
  execute,
  GraphQLError,
  parse,
  validate,
  type DocumentNode,
  type GraphQLFieldResolver,
  type GraphQLSchema,
} from "graphql";
import { withDecodedArguments } from "./arguments/arguments.ts";
import { WrongValue } from "./arguments/decode.ts";
import { told } from "./errors.ts";
import type { Given } from "./resolvers/resolver.ts";
import { resolvers } from "./resolvers/resolvers.ts";
import { engineSchema } from "./schema/schema.ts";
import type { Session } from "./session.ts";
import { missingVariables, rules, withEngineWords } from "./validation.ts";
import { workingFor, type Value } from "./values.ts";

export interface Ask {
  readonly query: string;
  readonly variables: Record<string, unknown> | null;
  readonly operationName: string | null;
}

export interface Answer {
  readonly status: number;
  readonly result: unknown;
}

/** Answers queries with the values of a session. */
export function answering(session: Session): (ask: Ask) => Promise<Answer> {
  const schema = engineSchema();
  return async (ask) => {
    const document = read(schema, ask, session);
    if (!("kind" in document)) return document;
    const result = await execute({
      schema,
      document,
      rootValue: null,
      contextValue: session,
      variableValues: ask.variables,
      operationName: ask.operationName,
      fieldResolver: resolveField,
      typeResolver: (value) => (value as Value).type,
    });
    const refused = result.errors?.some(
      (error) => error.path === undefined && error.originalError === undefined,
    );
    const errors = result.errors?.map(({ message, path, extensions }) => ({
      ...{ message, path },
      ...(Object.keys(extensions).length === 0 ? {} : { extensions }),
    }));
    const answer = { data: result.data ?? null, ...(errors === undefined ? {} : { errors }) };
    return { status: refused === true ? 400 : 200, result: answer };
  };
}

function read(schema: GraphQLSchema, ask: Ask, session: Session): DocumentNode | Answer {
  try {
    const document = parse(ask.query);
    const errors = [...validate(schema, document, rules), ...missingVariables(document, ask.variables)];
    if (errors.length > 0) return refusal(errors.map(withEngineWords), "GRAPHQL_VALIDATION_FAILED");
    return withDecodedArguments(schema, document, session.values, ask.query);
  } catch (error) {
    if (error instanceof GraphQLError) return refusal([withEngineWords(error)], "GRAPHQL_PARSE_FAILED");
    if (error instanceof WrongValue)
      return { status: 200, result: { errors: [{ message: error.message }], data: null } };
    throw error;
  }
}

function refusal(errors: readonly GraphQLError[], code: string): Answer {
  const list = errors.map(({ message, locations, path }) => ({
    ...{ message, locations, extensions: { code } },
    ...(path === undefined ? {} : { path }),
  }));
  return { status: 400, result: { errors: list, data: null } };
}

const resolveField: GraphQLFieldResolver<unknown, Session, Given> = async (
  source,
  parameters: Given,
  session,
  info,
) => {
  const type = info.parentType.name;
  const resolver = resolvers[type]?.[info.fieldName];
  if (resolver === undefined) throw new Error(`${type}.${info.fieldName} has no resolver`);
  try {
    return await workingFor(source as Value | null, () => resolver(source as Value, parameters, session));
  } catch (error) {
    throw told(error);
  }
};
