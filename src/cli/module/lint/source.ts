import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import ts from "typescript";

export interface ParsedFile {
  readonly path: string;
  readonly tree: ts.SourceFile;
  /** `src/module.ts:12` */
  readonly placeOf: (node: ts.Node) => string;
}

/** A class with `@object()`, whose functions and fields the engine shows. */
export interface ObjectClass {
  readonly file: ParsedFile;
  readonly node: ts.ClassDeclaration;
  readonly name: string;
}

/** A module's code, as text: none of it is run. */
export interface ModuleSource {
  /** The directory of dagger.json. */
  readonly root: string;
  /** Every file that the engine loads, by absolute path. */
  readonly files: ReadonlyMap<string, ParsedFile>;
  readonly objects: readonly ObjectClass[];
}

export async function readModuleSource(root: string, paths: readonly string[]): Promise<ModuleSource> {
  const parsed = await Promise.all(paths.map((path) => parseFile(root, path)));
  const objects = parsed.flatMap((file) =>
    classesOf(file)
      .filter((node) => isDecorated(node, "object"))
      .map((node) => ({ file, node, name: node.name?.text ?? "" })),
  );
  return { root, files: new Map(parsed.map((file) => [file.path, file])), objects };
}

async function parseFile(root: string, path: string): Promise<ParsedFile> {
  const tree = ts.createSourceFile(path, await readFile(path, "utf8"), ts.ScriptTarget.ES2023, true);
  return {
    path,
    tree,
    placeOf: (node) =>
      `${relative(root, path)}:${String(tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1)}`,
  };
}

export function classesOf({ tree }: ParsedFile): readonly ts.ClassDeclaration[] {
  return tree.statements.filter(ts.isClassDeclaration);
}

/** As the SDK's scanner reads it: by the first letters of the decorator, since an import may rename it. */
export function isDecorated(node: ts.Node, name: string): boolean {
  const decorators = ts.canHaveDecorators(node) ? (ts.getDecorators(node) ?? []) : [];
  return decorators.some(({ expression }) => expression.getText().startsWith(name));
}

/** A property of the object that a decorator is given: `cache` of `@func({ cache: "never" })`. */
export function decoratorOption(node: ts.HasDecorators, name: string, option: string): string | undefined {
  const found = (ts.getDecorators(node) ?? []).find(({ expression }) =>
    expression.getText().startsWith(name),
  );
  const [given] =
    found !== undefined && ts.isCallExpression(found.expression) ? found.expression.arguments : [];
  if (given === undefined) return undefined;
  // `@func("alias")` is an older way to say the alias.
  if (ts.isStringLiteralLike(given)) return option === "alias" ? given.text : undefined;
  if (!ts.isObjectLiteralExpression(given)) return undefined;
  const property = given.properties.find((one) => one.name?.getText() === option);
  const value =
    property !== undefined && ts.isPropertyAssignment(property) ? property.initializer : undefined;
  return value !== undefined && ts.isStringLiteralLike(value) ? value.text : value?.getText();
}

/** The functions of a class that the engine shows. */
export function functionsOf({ node }: ObjectClass): readonly ts.MethodDeclaration[] {
  return node.members.filter(ts.isMethodDeclaration).filter((member) => isDecorated(member, "func"));
}

export function visit(node: ts.Node, look: (node: ts.Node) => void): void {
  look(node);
  ts.forEachChild(node, (child) => {
    visit(child, look);
  });
}
