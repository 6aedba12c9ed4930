import ts from "typescript";
import type { ModuleProblem } from "./lint.ts";
import { functionsOf, type ModuleSource, type ObjectClass, type ParsedFile } from "./source.ts";

/** Numbers that the SDK reads with parseInt from how they are written: `1_000` and `1e3` are 1, and so is 1.5. */
export function defaultProblems(source: ModuleSource): ModuleProblem[] {
  return source.objects.flatMap((object) =>
    parametersOf(object).flatMap(({ type, initializer }) => {
      const literal = numberOf(initializer, object.file);
      if (initializer === undefined || literal === undefined) return [];
      const value = Number(literal.text);
      const read = parseInt(literal.getText(), 10);
      // A fraction where an integer is wanted is told of already.
      if (read === value || (type?.kind === ts.SyntaxKind.NumberKeyword && !Number.isInteger(value)))
        return [];
      return [
        {
          rule: "default",
          place: object.file.placeOf(initializer),
          message: `the default ${literal.getText()} is ${String(read)} for the engine, which reads the digits up to the first other sign`,
          remedy: Number.isInteger(value)
            ? `write ${String(value)}`
            : `make the argument optional, and give the value in the body: ?? ${literal.getText()}`,
        },
      ];
    }),
  );
}

function parametersOf(object: ObjectClass): readonly ts.ParameterDeclaration[] {
  const constructors = object.node.members.filter(ts.isConstructorDeclaration);
  return [...constructors, ...functionsOf(object)].flatMap(({ parameters }) => [...parameters]);
}

/** A number as it is written, also as a constant of the same file. */
function numberOf(value: ts.Expression | undefined, file: ParsedFile): ts.NumericLiteral | undefined {
  if (value === undefined) return undefined;
  if (ts.isNumericLiteral(value)) return value;
  if (!ts.isIdentifier(value)) return undefined;
  const constant = file.tree.statements
    .filter(ts.isVariableStatement)
    .flatMap(({ declarationList }) => [...declarationList.declarations])
    .find(({ name }) => name.getText() === value.text);
  return numberOf(constant?.initializer, file);
}
