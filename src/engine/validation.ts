import {
  GraphQLError,
  Kind,
  NoDeprecatedCustomRule,
  specifiedRules,
  ValuesOfCorrectTypeRule,
  type ASTVisitor,
  type DocumentNode,
  type ValidationContext,
  type ValidationRule,
} from "graphql";
import { reasonNotHere } from "./schema/not-here.ts";

/** Values of a wrong type are no fault of the document for Dagger: they are told when the field is resolved. */
export const rules: readonly ValidationRule[] = [
  operationTypes,
  ...specifiedRules.filter((rule) => rule !== ValuesOfCorrectTypeRule && rule !== NoDeprecatedCustomRule),
];

/** A mutation or a subscription, of which there is none. */
function operationTypes(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition: (node) => {
      if (context.getSchema().getRootType(node.operation) != null) return undefined;
      const message = `Schema does not support operation type "${node.operation}"`;
      context.reportError(new GraphQLError(message, { nodes: node }));
      return false;
    },
  };
}

/** Variables that a query has to be given and is not. */
export function missingVariables(
  document: DocumentNode,
  given: Readonly<Record<string, unknown>> | null,
): readonly GraphQLError[] {
  const definitions = document.definitions.flatMap((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION ? (definition.variableDefinitions ?? []) : [],
  );
  return definitions
    .filter(({ type, defaultValue }) => type.kind === Kind.NON_NULL_TYPE && defaultValue === undefined)
    .map(({ variable }) => variable.name.value)
    .filter((name) => given?.[name] === undefined)
    .map((name) => new GraphQLError("must be defined", { path: ["variable", name] }));
}

/** A field or argument that only the real engine has is refused by its name. */
export function withEngineWords(error: GraphQLError): GraphQLError {
  const field = /^Cannot query field "(\w+)" on type "(\w+)"/.exec(error.message);
  if (field !== null) {
    const [, name = "", type = ""] = field;
    if (reasonNotHere(type, name) !== undefined || /^load\w+FromID$/.test(name))
      return renamed(error, refusal(`${type}.${name}`));
    return renamed(error, `Cannot query field "${name}" on type "${type}".`);
  }
  const argument = /^Unknown argument "(\w+)" on field "(\w+)\.(\w+)"/.exec(error.message);
  if (argument !== null) {
    const [, name = "", type = "", of = ""] = argument;
    if (reasonNotHere(`${type}.${of}`, name) !== undefined)
      return renamed(error, refusal(`${type}.${of}(${name}:)`));
    return renamed(error, `Unknown argument "${name}" on field "${type}.${of}".`);
  }
  const [leaf, type] = /must not have a selection since type "(\w+)!?" has no/.exec(error.message) ?? [];
  const selection = error.nodes?.[0];
  if (leaf !== undefined && selection?.kind === Kind.SELECTION_SET) {
    const inner = selection.selections.find((each) => each.kind === Kind.FIELD);
    return renamed(error, `Cannot query field "${inner?.name.value ?? ""}" on type "${type ?? ""}".`);
  }
  const [, syntax] = /^Syntax Error: (.*)$/s.exec(error.message) ?? [];
  return syntax === undefined ? error : renamed(error, syntax.replace(/(?<=<EOF>)\.$/, ""));
}

/** The sentence with which everything that the embedded engine lacks is refused. */
export function refusal(what: string): string {
  return `${what}: the embedded engine does not support it; the real Dagger engine does (--engine dagger)`;
}

function renamed(error: GraphQLError, message: string): GraphQLError {
  const { nodes, source, positions } = error;
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
  });
}
