import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { dirname, join, resolve } from "node:path";
import ts from "typescript";
import { candidates, fileOf } from "./declared.ts";
import { libraryWithSdk } from "./libraries.ts";
import type { ModuleProblem } from "./lint.ts";
import { visit, type ModuleSource, type ParsedFile } from "./source.ts";

interface ImportRules {
  /** Where package.json is. */
  readonly directory: string;
  /** The engine's classes, enums and scalars. */
  readonly core: ReadonlySet<string>;
}

interface Packages {
  readonly dependencies: ReadonlySet<string>;
  readonly devDependencies: ReadonlySet<string>;
}

const sdkName = "@dagger.io/dagger";

/** What the SDK inside the engine exports beside the generated client; its error classes are not among it. */
const runtimeExports = new Set([
  ...["connection", "connect", "Context", "dag", "func", "check", "generate", "argument", "object", "field"],
  ...["enumType", "entrypoint"],
]);

/** The engine imports every file at every call: one import that it cannot satisfy breaks them all. */
export async function importProblems(source: ModuleSource, rules: ImportRules): Promise<ModuleProblem[]> {
  const packages = await packagesOf(rules.directory);
  const problems: ModuleProblem[] = [];
  for (const file of source.files.values()) {
    for (const found of valueImports(file))
      problems.push(
        ...judge(found, { file, source, packages, ...rules }),
        ...(await library(found, file, rules)),
      );
    problems.push(...missingMembers(file, rules.core));
  }
  return problems;
}

interface ValueImport {
  readonly specifier: string;
  readonly names: readonly string[];
  readonly node: ts.Node;
}

/** Imports that are still there when the types are gone. */
function valueImports({ tree }: ParsedFile): ValueImport[] {
  const found: ValueImport[] = [];
  visit(tree, (node) => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      const names = importedValues(node.importClause);
      if (names !== undefined) found.push({ specifier: node.moduleSpecifier.text, names, node });
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined && !node.isTypeOnly) {
      const clause = node.exportClause;
      const elements = clause !== undefined && ts.isNamedExports(clause) ? clause.elements : undefined;
      const names = elements
        ?.filter((element) => !element.isTypeOnly)
        .map((element) => (element.propertyName ?? element.name).text);
      if (ts.isStringLiteral(node.moduleSpecifier) && names?.length !== 0) {
        found.push({ specifier: node.moduleSpecifier.text, names: names ?? [], node });
      }
    } else if (ts.isCallExpression(node) && isLoadingCall(node.expression)) {
      const [specifier] = node.arguments;
      if (specifier !== undefined && ts.isStringLiteral(specifier))
        found.push({ specifier: specifier.text, names: [], node });
    }
  });
  return found;
}

function isLoadingCall(expression: ts.Expression): boolean {
  return (
    expression.kind === ts.SyntaxKind.ImportKeyword ||
    (ts.isIdentifier(expression) && expression.text === "require")
  );
}

/** Undefined for an import of types only; empty for one of everything, or for its effects. */
function importedValues(clause: ts.ImportClause | undefined): readonly string[] | undefined {
  if (clause === undefined) return [];
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return undefined;
  const bindings = clause.namedBindings;
  if (bindings === undefined || !ts.isNamedImports(bindings)) return [];
  const values = bindings.elements.filter((element) => !element.isTypeOnly);
  const names = values.map((element) => (element.propertyName ?? element.name).text);
  return names.length === 0 && clause.name === undefined && bindings.elements.length > 0 ? undefined : names;
}

interface Place extends ImportRules {
  readonly file: ParsedFile;
  readonly source: ModuleSource;
  readonly packages: Packages;
}

function judge(
  { specifier, names, node }: ValueImport,
  { file, source, packages, core }: Place,
): ModuleProblem[] {
  const place = file.placeOf(node);
  if (specifier === sdkName)
    return names.filter((name) => !isExported(name, core)).map((name) => notExported(name, place));
  if (specifier.startsWith(".")) {
    if (fileOf(source, file, specifier) !== undefined) return [];
    const isKnown = candidates(resolve(dirname(file.path), specifier)).some((path) => existsSync(path));
    const why = isKnown ? "which dagger.json leaves out" : "and there is no such file";
    const remedy = isKnown
      ? "take it out of include in dagger.json, or import its types only"
      : "correct the path, or write the file";
    return [
      { rule: "left-out-import", place, message: `imports ${specifier}, ${why}: every call breaks`, remedy },
    ];
  }
  if (isBuiltin(specifier)) return [];
  const name = packageName(specifier);
  if (packages.dependencies.has(name)) return [];
  const where = packages.devDependencies.has(name) ? "a devDependency" : "not among the dependencies";
  return [
    {
      rule: "dependency",
      place,
      message: `imports ${name}, which is ${where}: the engine does not install it, and every call breaks`,
      remedy: `npm install --save ${name}, or import its types only, or move the file out of src`,
    },
  ];
}

function isExported(name: string, core: ReadonlySet<string>): boolean {
  return runtimeExports.has(name) || core.has(name);
}

function notExported(name: string, place: string): ModuleProblem {
  const isError = /Error$/.test(name);
  return {
    rule: "runtime-export",
    place,
    message: `the SDK inside the engine does not export ${name}: every call breaks`,
    remedy: isError
      ? `write import type, and ask for error.code === "${name === "ExecError" ? "D109" : "D100"}" instead of instanceof`
      : "import it as a type only, or do without it",
  };
}

/** `dagger.ExecError`, where all of the SDK was imported under one name: undefined when it is used. */
function missingMembers(file: ParsedFile, core: ReadonlySet<string>): ModuleProblem[] {
  const spaces = file.tree.statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) || statement.moduleSpecifier.getText().slice(1, -1) !== sdkName)
      return [];
    const bindings = statement.importClause?.namedBindings;
    return bindings !== undefined && ts.isNamespaceImport(bindings) ? [bindings.name.text] : [];
  });
  if (spaces.length === 0) return [];
  const problems: ModuleProblem[] = [];
  visit(file.tree, (node) => {
    if (!ts.isPropertyAccessExpression(node) || !spaces.includes(node.expression.getText())) return;
    if (!isExported(node.name.text, core)) problems.push(notExported(node.name.text, file.placeOf(node)));
  });
  return problems;
}

async function library(
  { specifier, node }: ValueImport,
  file: ParsedFile,
  { directory }: ImportRules,
): Promise<ModuleProblem[]> {
  if (specifier.startsWith(".") || specifier === sdkName || isBuiltin(specifier)) return [];
  const found = await libraryWithSdk(directory, specifier);
  if (found === undefined) return [];
  return [
    {
      rule: "library-import",
      place: file.placeOf(node),
      message: `${packageName(specifier)} imports ${sdkName} by value (${found}), which is not to be found inside node_modules of the engine: every call breaks`,
      remedy: "take a library whose functions get the client as an argument, or put its files under src",
    },
  ];
}

function packageName(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

async function packagesOf(directory: string): Promise<Packages> {
  const file = join(directory, "package.json");
  const { dependencies = {}, devDependencies = {} } = existsSync(file)
    ? (JSON.parse(await readFile(file, "utf8")) as Record<string, Record<string, string>>)
    : {};
  return {
    dependencies: new Set(Object.keys(dependencies)),
    devDependencies: new Set(Object.keys(devDependencies)),
  };
}
