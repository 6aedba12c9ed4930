import ts from "typescript";
import { declared, type Declared } from "./declared.ts";
import type { ModuleSource, ParsedFile } from "./source.ts";

/** Where a type stands: what the engine shows to callers, or what an object carries between its calls. */
export type TypeUse = "argument" | "answer" | "state";

/** Why the engine cannot have a type where it stands, and what to write instead. */
export interface TypeFault {
  /** Refused: no function of the module can be called. Hidden: this function is not there. */
  readonly effect: "refused" | "hidden";
  readonly what: string;
  readonly remedy: string;
}

const asClass = "make it a class with @object() and @func() fields";
const asEnum = "make it a string enum";

/** The first thing in a type that the engine does not have; undefined where it has all of it. */
export function typeFault(
  source: ModuleSource,
  file: ParsedFile,
  type: ts.TypeNode,
  use: TypeUse,
): TypeFault | undefined {
  const again = (inner: ts.TypeNode) => typeFault(source, file, inner, use);
  if (ts.isParenthesizedTypeNode(type) || ts.isTypeOperatorNode(type)) return again(type.type);
  if (ts.isArrayTypeNode(type)) return again(type.elementType);
  if (ts.isUnionTypeNode(type)) {
    const some = type.types.filter((one) => !isNothing(one));
    if (some.length === 1 && some[0] !== undefined) return again(some[0]);
    const areLiterals = some.every((one) => ts.isLiteralTypeNode(one));
    return refused(
      `the union ${type.getText()}`,
      areLiterals ? asEnum : "take one type, or one argument for each",
    );
  }
  if (ts.isTypeLiteralNode(type)) return refused("an object type", asClass);
  if (ts.isTupleTypeNode(type))
    return refused(`the tuple ${type.getText()}`, `make it a list of one type, or ${asClass.slice(8)}`);
  if (ts.isFunctionTypeNode(type))
    return refused("a function", "write a method; a value that is called is no data");
  if (type.kind === ts.SyntaxKind.AnyKeyword || type.kind === ts.SyntaxKind.UnknownKeyword)
    return refused(type.getText(), "say which type it is; JSON is a string");
  if (!ts.isTypeReferenceNode(type) || !ts.isIdentifier(type.typeName)) return undefined;
  return referenceFault(source, file, type, type.typeName.text, use);
}

function referenceFault(
  source: ModuleSource,
  file: ParsedFile,
  type: ts.TypeReferenceNode,
  name: string,
  use: TypeUse,
): TypeFault | undefined {
  const [inner] = type.typeArguments ?? [];
  if (inner !== undefined) {
    const unwraps = name === "Array" || name === "ReadonlyArray" || (name === "Promise" && use === "answer");
    if (unwraps) return typeFault(source, file, inner, use);
    return refused(`the generic type ${type.getText()}`, `write its data as a list, or ${asClass.slice(8)}`);
  }
  if (name === "Date") return refused("Date", "take the time as a string, as RFC 3339 has it");
  if (name === "Function") return refused("a function", "write a method; a value that is called is no data");
  const wrapped = ["String", "Number", "Boolean"].find((one) => one === name);
  if (wrapped !== undefined) return refused(wrapped, `write ${wrapped.toLowerCase()}`);
  return declaredFault(source, name, declared(source, file, name), use);
}

function declaredFault(
  source: ModuleSource,
  name: string,
  found: Declared,
  use: TypeUse,
): TypeFault | undefined {
  switch (found.kind) {
    case "class":
      if (source.objects.some(({ node }) => node === found.node)) return undefined;
      if ((ts.getDecorators(found.node) ?? []).length > 0) return undefined;
      return refused(
        `the class ${name}, which has no @object()`,
        `give ${name} @object(), and @func() to its fields`,
      );
    case "interface":
      return use === "state" ? undefined : hidden(`the interface ${name}`, asClass);
    case "alias":
      return aliasFault(source, found.file, found.node, use);
    case "package":
      return refused(
        `${name}, a type of the package ${found.name}`,
        "take a type of the engine, or a class of your own with @object()",
      );
    default:
      return undefined;
  }
}

/** An alias of an object type is an object; of a string, a string; of a union of literals, a scalar that nobody has. */
function aliasFault(
  source: ModuleSource,
  file: ParsedFile,
  { name, type }: ts.TypeAliasDeclaration,
  use: TypeUse,
): TypeFault | undefined {
  if (ts.isTypeLiteralNode(type)) return undefined;
  if (ts.isUnionTypeNode(type) && type.types.filter((one) => !isNothing(one)).length > 1)
    return use === "state" ? undefined : hidden(`${name.text}, an alias of a union`, asEnum);
  return typeFault(source, file, type, use);
}

function isNothing(type: ts.TypeNode): boolean {
  return (
    type.kind === ts.SyntaxKind.UndefinedKeyword ||
    (ts.isLiteralTypeNode(type) && type.literal.kind === ts.SyntaxKind.NullKeyword)
  );
}

function refused(what: string, remedy: string): TypeFault {
  return { effect: "refused", what, remedy };
}

function hidden(what: string, remedy: string): TypeFault {
  return { effect: "hidden", what, remedy };
}
