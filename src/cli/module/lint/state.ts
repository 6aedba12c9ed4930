import ts from "typescript";
import type { ModuleProblem } from "./lint.ts";
import { isDecorated, type ModuleSource, type ObjectClass, type ParsedFile } from "./source.ts";
import { typeFault } from "./types.ts";

/** An object of a module travels as JSON between calls: what does not is lost, or breaks the load or the return. */
export function stateProblems(source: ModuleSource): ModuleProblem[] {
  return source.objects.flatMap((object) => [
    ...object.node.members
      .filter(ts.isPropertyDeclaration)
      .flatMap((member) => [...privateNames(member, object.file), ...propertyType(source, member, object)]),
    ...object.node.members
      .filter(ts.isConstructorDeclaration)
      .flatMap((member) => parameterProperties(member, object.file)),
    ...inherited(object),
  ]);
}

function privateNames(member: ts.PropertyDeclaration, file: ParsedFile): ModuleProblem[] {
  if (!ts.isPrivateIdentifier(member.name)) return [];
  const name = member.name.text;
  return [
    {
      rule: "lost-state",
      place: file.placeOf(member),
      message: `${name} is lost between calls`,
      remedy: `write private ${name.slice(1)}`,
    },
  ];
}

/** What a property may hold is decided by its type, private or not; without one, by its value. */
function propertyType(
  source: ModuleSource,
  member: ts.PropertyDeclaration,
  { file }: ObjectClass,
): ModuleProblem[] {
  // The type of one that is shown is judged with the signatures.
  if (isDecorated(member, "func") || isDecorated(member, "field")) return [];
  const { type, initializer, name } = member;
  const what = type === undefined ? valueFault(initializer) : typeFault(source, file, type, "state")?.what;
  if (what === undefined) return [];
  return [
    {
      rule: "property",
      place: file.placeOf(name),
      message: `the property ${name.getText()} is ${what}: no function of the module can be called`,
      remedy:
        "keep what JSON can hold, and objects of the engine; make the rest in the function that uses it",
    },
  ];
}

function valueFault(value: ts.Expression | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (ts.isArrowFunction(value) || ts.isFunctionExpression(value)) return "a function";
  if (ts.isObjectLiteralExpression(value)) return "an object type";
  if (!ts.isNewExpression(value)) return undefined;
  const made = value.expression.getText();
  return ["Map", "Set", "WeakMap", "WeakSet", "Date"].includes(made) ? `a ${made}` : undefined;
}

function parameterProperties(member: ts.ConstructorDeclaration, file: ParsedFile): ModuleProblem[] {
  return member.parameters
    .filter((parameter) => ts.isParameterPropertyDeclaration(parameter, member))
    .map((parameter) => ({
      rule: "lost-state" as const,
      place: file.placeOf(parameter),
      message: `${parameter.name.getText()} is a parameter property: an object that has one cannot be returned`,
      remedy: `declare the property, and write this.${parameter.name.getText()} = ${parameter.name.getText()} in the constructor`,
    }));
}

/** Functions of a base class, or of a mixin, are not exposed. */
function inherited({ node, file, name }: ObjectClass): ModuleProblem[] {
  const base = node.heritageClauses?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword);
  if (base === undefined) return [];
  const from = base.types[0]?.getText() ?? "its base";
  return [
    {
      rule: "hidden-function",
      place: file.placeOf(base),
      message: `the functions that ${name} inherits from ${from} are not there`,
      remedy: "write each as a function of the class, with one line that calls the other",
    },
  ];
}
