import ts from "typescript";
import type { ModuleProblem } from "./lint.ts";
import { functionsOf, isDecorated, visit, type ModuleSource, type ObjectClass } from "./source.ts";
import { typeFault, type TypeUse } from "./types.ts";

/** Types that the engine does not have, in what it shows to callers. */
export function signatureProblems(source: ModuleSource): ModuleProblem[] {
  return source.objects.flatMap((object) => {
    const constructors = object.node.members.filter(ts.isConstructorDeclaration);
    const fields = object.node.members.filter(ts.isPropertyDeclaration).filter(isShown);
    return [
      ...[...constructors, ...functionsOf(object)].flatMap((member) => [
        ...member.parameters.flatMap((parameter) => parameterProblems(source, object, parameter)),
        ...(ts.isMethodDeclaration(member) ? functionProblems(source, object, member) : []),
      ]),
      ...fields.flatMap(({ type }) => typeProblems(source, object, type, "answer")),
      ...fields.flatMap(({ type, initializer }) => fractions(object, type, initializer)),
    ];
  });
}

function functionProblems(
  source: ModuleSource,
  object: ObjectClass,
  member: ts.MethodDeclaration,
): ModuleProblem[] {
  const named = typeNamesIn([...member.parameters.map(({ type }) => type), member.type]);
  const generic = (member.typeParameters ?? [])
    .filter(({ name }) => named.has(name.text))
    .map((parameter) => ({
      rule: "signature" as const,
      place: object.file.placeOf(parameter),
      message: `the type parameter ${parameter.name.text}: the engine has no such type, and no function of the module can be called`,
      remedy: "write a function for each type",
    }));
  return [
    ...generic,
    ...typeProblems(source, object, member.type, "answer"),
    ...returnedFractions(object, member),
  ];
}

function typeNamesIn(types: readonly (ts.TypeNode | undefined)[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const type of types) {
    if (type === undefined) continue;
    visit(type, (node) => {
      if (ts.isTypeReferenceNode(node) && ts.isIdentifier(node.typeName)) names.add(node.typeName.text);
    });
  }
  return names;
}

function parameterProblems(
  source: ModuleSource,
  object: ObjectClass,
  { type, initializer }: ts.ParameterDeclaration,
): ModuleProblem[] {
  return [...typeProblems(source, object, type, "argument"), ...fractions(object, type, initializer)];
}

function typeProblems(
  source: ModuleSource,
  { file }: ObjectClass,
  type: ts.TypeNode | undefined,
  use: TypeUse,
): ModuleProblem[] {
  const fault = type === undefined ? undefined : typeFault(source, file, type, use);
  if (type === undefined || fault === undefined) return [];
  const effect =
    fault.effect === "hidden" ? "the function is not there" : "no function of the module can be called";
  return [
    {
      rule: fault.effect === "hidden" ? "hidden-function" : "signature",
      place: file.placeOf(type),
      message: `${fault.what}: the engine has no such type, and ${effect}`,
      remedy: fault.remedy,
    },
  ];
}

/** `number` is an integer of the engine. */
function fractions(
  { file }: ObjectClass,
  type: ts.TypeNode | undefined,
  value: ts.Expression | undefined,
): ModuleProblem[] {
  if (type?.kind !== ts.SyntaxKind.NumberKeyword || value === undefined || !isFraction(value)) return [];
  return [integer(file.placeOf(value), value)];
}

function returnedFractions({ file }: ObjectClass, { type, body }: ts.MethodDeclaration): ModuleProblem[] {
  if (body === undefined || !/^(Promise<)?number>?$/.test(type?.getText() ?? "")) return [];
  return body.statements
    .filter(ts.isReturnStatement)
    .flatMap(({ expression }) =>
      expression !== undefined && isFraction(expression)
        ? [integer(file.placeOf(expression), expression)]
        : [],
    );
}

function isFraction(value: ts.Expression): boolean {
  return (
    (ts.isNumericLiteral(value) && !Number.isInteger(Number(value.text))) ||
    (ts.isBinaryExpression(value) && value.operatorToken.kind === ts.SyntaxKind.SlashToken)
  );
}

function integer(place: string, value: ts.Expression): ModuleProblem {
  return {
    rule: "integer",
    place,
    message: `${value.getText()} may be a fraction, and number is an integer of the engine`,
    remedy: `write the type as float: import { type float } from "@dagger.io/dagger"`,
  };
}

function isShown(member: ts.PropertyDeclaration): boolean {
  return isDecorated(member, "func") || isDecorated(member, "field");
}
