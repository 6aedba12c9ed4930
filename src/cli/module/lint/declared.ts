import { dirname, resolve } from "node:path";
import ts from "typescript";
import type { ModuleSource, ParsedFile } from "./source.ts";

/** What a name of a type stands for, where it is used. */
export type Declared =
  | { readonly kind: "class"; readonly node: ts.ClassDeclaration; readonly file: ParsedFile }
  | { readonly kind: "interface"; readonly node: ts.InterfaceDeclaration; readonly file: ParsedFile }
  | { readonly kind: "alias"; readonly node: ts.TypeAliasDeclaration; readonly file: ParsedFile }
  | { readonly kind: "enum"; readonly node: ts.EnumDeclaration; readonly file: ParsedFile }
  /** The engine's own, imported from its SDK. */
  | { readonly kind: "engine" }
  | { readonly kind: "package"; readonly name: string }
  /** Of the language, or found by nobody. */
  | { readonly kind: "global" };

/** Follows a name through the imports of the module's own files. */
export function declared(source: ModuleSource, file: ParsedFile, name: string): Declared {
  const own = file.tree.statements.find(
    (statement) => isTypeDeclaration(statement) && statement.name?.text === name,
  );
  if (own !== undefined) return declaration(own, file);
  for (const statement of file.tree.statements) {
    const from = importOf(statement, name);
    if (from === undefined) continue;
    if (from.specifier === "@dagger.io/dagger") return { kind: "engine" };
    if (!from.specifier.startsWith(".")) return { kind: "package", name: from.specifier };
    const target = fileOf(source, file, from.specifier);
    return target === undefined ? { kind: "global" } : declared(source, target, from.name);
  }
  return throughStars(source, file, name);
}

/** The file of the module that a relative specifier means. */
export function fileOf(source: ModuleSource, from: ParsedFile, specifier: string): ParsedFile | undefined {
  const path = resolve(dirname(from.path), specifier);
  return candidates(path)
    .map((candidate) => source.files.get(candidate))
    .find((file) => file !== undefined);
}

/** What a relative specifier may mean: with its extension, with the one that tsc writes, or without. */
export function candidates(path: string): readonly string[] {
  const bare = path.replace(/\.(m?)js$/, ".$1ts");
  return [path, bare, `${path}.ts`, `${path}.mts`, `${path}/index.ts`];
}

/** Where a name of this file is from: the module, and the name that it has there. */
export function importOf(
  statement: ts.Statement,
  name: string,
): { readonly specifier: string; readonly name: string } | undefined {
  const isImport = ts.isImportDeclaration(statement);
  if (!isImport && !ts.isExportDeclaration(statement)) return undefined;
  const { moduleSpecifier } = statement;
  if (moduleSpecifier === undefined || !ts.isStringLiteral(moduleSpecifier)) return undefined;
  const named = isImport ? statement.importClause?.namedBindings : statement.exportClause;
  if (named === undefined || (!ts.isNamedImports(named) && !ts.isNamedExports(named))) return undefined;
  for (const element of named.elements)
    if (element.name.text === name)
      return { specifier: moduleSpecifier.text, name: (element.propertyName ?? element.name).text };
  return undefined;
}

type TypeDeclaration =
  ts.ClassDeclaration | ts.InterfaceDeclaration | ts.TypeAliasDeclaration | ts.EnumDeclaration;

function isTypeDeclaration(statement: ts.Statement): statement is TypeDeclaration {
  return (
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isEnumDeclaration(statement)
  );
}

function declaration(node: ts.Statement, file: ParsedFile): Declared {
  if (ts.isClassDeclaration(node)) return { kind: "class", node, file };
  if (ts.isInterfaceDeclaration(node)) return { kind: "interface", node, file };
  if (ts.isTypeAliasDeclaration(node)) return { kind: "alias", node, file };
  return { kind: "enum", node: node as ts.EnumDeclaration, file };
}

/** `export * from "./types.ts"` */
function throughStars(source: ModuleSource, file: ParsedFile, name: string): Declared {
  for (const statement of file.tree.statements) {
    if (!ts.isExportDeclaration(statement) || statement.exportClause !== undefined) continue;
    const { moduleSpecifier } = statement;
    if (moduleSpecifier === undefined || !ts.isStringLiteral(moduleSpecifier)) continue;
    const target = fileOf(source, file, moduleSpecifier.text);
    const found = target === undefined || target === file ? undefined : declared(source, target, name);
    if (found !== undefined && found.kind !== "global") return found;
  }
  return { kind: "global" };
}
