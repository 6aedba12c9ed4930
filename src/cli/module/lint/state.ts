import ts from "typescript";
import type { ModuleProblem } from "./lint.ts";
import { parseFile, visit, type ParsedFile } from "./source.ts";

/** An object of a module travels as JSON between calls: what does not is lost, or breaks when it returns. */
export async function stateProblems(root: string, files: readonly string[]): Promise<ModuleProblem[]> {
  const parsed = await Promise.all(files.map((path) => parseFile(root, path)));
  return parsed
    .flatMap(objectClasses)
    .flatMap(({ file, node }) => [
      ...node.members.flatMap((member) => membersLost(member, file)),
      ...inherited(node, file),
    ]);
}

interface ObjectClass {
  readonly file: ParsedFile;
  readonly node: ts.ClassDeclaration;
}

function objectClasses(file: ParsedFile): ObjectClass[] {
  const found: ObjectClass[] = [];
  visit(file.tree, (node) => {
    if (ts.isClassDeclaration(node) && isDecorated(node, "object")) found.push({ file, node });
  });
  return found;
}

function isDecorated(node: ts.HasDecorators, name: string): boolean {
  return (ts.getDecorators(node) ?? []).some(({ expression }) => expression.getText().startsWith(name));
}

function membersLost(member: ts.ClassElement, file: ParsedFile): ModuleProblem[] {
  if (ts.isPropertyDeclaration(member) && ts.isPrivateIdentifier(member.name)) {
    return [
      lost(
        file.placeOf(member),
        `${member.name.text} is lost between calls: write private ${member.name.text.slice(1)}`,
      ),
    ];
  }
  if (!ts.isConstructorDeclaration(member)) return [];
  return member.parameters
    .filter((parameter) => ts.isParameterPropertyDeclaration(parameter, member))
    .map((parameter) =>
      lost(
        file.placeOf(parameter),
        `${parameter.name.getText()} is a parameter property, which breaks on return: assign a field`,
      ),
    );
}

/** Functions of a base class are not exposed. */
function inherited(node: ts.ClassDeclaration, file: ParsedFile): ModuleProblem[] {
  const base = node.heritageClauses?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword);
  if (base === undefined) return [];
  return [
    {
      rule: "hidden-function",
      place: file.placeOf(base),
      message: `functions that ${node.name?.text ?? "the class"} inherits are not exposed: write each as a function of its own`,
    },
  ];
}

function lost(place: string, message: string): ModuleProblem {
  return { rule: "lost-state", place, message };
}
