import { basename } from "node:path";
import ts from "typescript";
import type { ModuleProblem } from "./lint.ts";
import type { ModuleSource, ParsedFile } from "./source.ts";

/** Every file under src is imported at every call, whether another one refers to it or not. */
export function loadingProblems({ files }: ModuleSource): ModuleProblem[] {
  return [...files.values()].flatMap((file) => [...testFile(file), ...endsTheProcess(file)]);
}

function testFile(file: ParsedFile): ModuleProblem[] {
  const isNamedSo = /\.(test|spec)\.m?ts$/.test(basename(file.path)) || /[\\/]__tests__[\\/]/.test(file.path);
  // Another runner is a dependency that is missing; this one is always there, and would run the tests.
  const imported = file.tree.statements.find(
    (statement) =>
      ts.isImportDeclaration(statement) &&
      statement.importClause?.phaseModifier !== ts.SyntaxKind.TypeKeyword &&
      statement.moduleSpecifier.getText().slice(1, -1) === "node:test",
  );
  if (!isNamedSo && imported === undefined) return [];
  return [
    {
      rule: "imported-at-call",
      place: file.placeOf(imported ?? file.tree),
      message: "a test under src is imported, and its runner with it, at every call",
      remedy: `move it out of src, e.g. to test/${basename(file.path)}`,
    },
  ];
}

/** A statement that stands outside of every function. */
function endsTheProcess(file: ParsedFile): ModuleProblem[] {
  const found: ts.Node[] = [];
  const look = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) || ts.isClassLike(node)) return;
    if (ts.isThrowStatement(node)) found.push(node);
    if (ts.isCallExpression(node) && node.expression.getText() === "process.exit") found.push(node);
    ts.forEachChild(node, look);
  };
  look(file.tree);
  return found.map((node) => ({
    rule: "imported-at-call" as const,
    place: file.placeOf(node),
    message:
      "a file that throws or ends the process when it is imported breaks every call, also of other functions",
    remedy: "do it in a function, which the one that needs it calls",
  }));
}
