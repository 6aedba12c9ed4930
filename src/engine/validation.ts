import { GraphQLError, NoDeprecatedCustomRule, specifiedRules, ValuesOfCorrectTypeRule } from "graphql";
import { notHere } from "./schema/not-here.ts";

/** Values of a wrong type are no fault of the document for Dagger: they are told when the field is resolved. */
export const rules = specifiedRules.filter(
  (rule) => rule !== ValuesOfCorrectTypeRule && rule !== NoDeprecatedCustomRule,
);

/** A field or argument that only the real engine has is refused by its name. */
export function withEngineWords(error: GraphQLError): GraphQLError {
  const field = /^Cannot query field "(\w+)" on type "(\w+)"/.exec(error.message);
  if (field !== null) {
    const [, name = "", type = ""] = field;
    if (notHere[type]?.includes(name) === true || /^load\w+FromID$/.test(name))
      return renamed(error, refusal(`${type}.${name}`));
    return renamed(error, `Cannot query field "${name}" on type "${type}".`);
  }
  const argument = /^Unknown argument "(\w+)" on field "(\w+)\.(\w+)"/.exec(error.message);
  if (argument !== null) {
    const [, name = "", type = "", of = ""] = argument;
    if (notHere[`${type}.${of}`]?.includes(name) === true)
      return renamed(error, refusal(`${type}.${of}(${name}:)`));
    return renamed(error, `Unknown argument "${name}" on field "${type}.${of}".`);
  }
  return error;
}

/** The sentence with which everything that the embedded engine lacks is refused. */
export function refusal(what: string): string {
  return `${what}: the embedded engine does not support it; the real Dagger engine does (--engine dagger)`;
}

function renamed(error: GraphQLError, message: string): GraphQLError {
  return new GraphQLError(message, { nodes: error.nodes ?? null });
}
