import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { dirname, join, resolve } from "node:path";
import ts from "typescript";
import type { ModuleProblem } from "./lint.ts";
import { parseFile, visit, type ParsedFile } from "./source.ts";

interface ImportRules {
  readonly root: string;
  /** Where package.json is. */
  readonly source: string;
  /** Every file that the engine loads. */
  readonly files: readonly string[];
  /** The engine's classes, enums and scalars. */
  readonly core: ReadonlySet<string>;
}

const sdkName = "@dagger.io/dagger";

/** What the SDK inside the engine exports beside the generated client; its error classes are not among it. */
const runtimeExports = new Set([
  ...["connection", "connect", "Context", "dag", "func", "check", "generate", "argument", "object", "field"],
  ...["enumType", "entrypoint"],
]);

/** The engine imports every file at every call: one import that it cannot satisfy breaks them all. */
export async function importProblems(rules: ImportRules): Promise<ModuleProblem[]> {
  const dependencies = await dependenciesOf(rules.source);
  const loaded = new Set(rules.files);
  const problems: ModuleProblem[] = [];
  for (const path of rules.files) {
    const file = await parseFile(rules.root, path);
    for (const found of valueImports(file))
      problems.push(...judge(found, file, dependencies, loaded, rules.core));
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

function judge(
  { specifier, names, node }: ValueImport,
  file: ParsedFile,
  dependencies: ReadonlySet<string>,
  loaded: ReadonlySet<string>,
  core: ReadonlySet<string>,
): ModuleProblem[] {
  const place = file.placeOf(node);
  if (specifier === sdkName) {
    const wrong = names.filter((name) => !runtimeExports.has(name) && !core.has(name));
    return wrong.map((name) => ({
      rule: "runtime-export",
      place,
      message: `the SDK inside the engine does not export ${name}: import it as a type only`,
    }));
  }
  if (specifier.startsWith(".")) {
    const target = resolve(dirname(file.path), specifier);
    if (candidates(target).some((path) => loaded.has(path))) return [];
    const known = candidates(target).some((path) => existsSync(path));
    const why = known ? "dagger.json leaves that file out" : "there is no such file";
    return [{ rule: "left-out-import", place, message: `imports ${specifier}: ${why}` }];
  }
  if (isBuiltin(specifier)) return [];
  const name = packageName(specifier);
  if (dependencies.has(name)) return [];
  return [
    {
      rule: "dependency",
      place,
      message: `imports ${name}, which is not among the dependencies of package.json`,
    },
  ];
}

/** What a relative specifier may mean: with its extension, with the one that tsc writes, or without. */
function candidates(path: string): readonly string[] {
  const bare = path.replace(/\.(m?)js$/, ".$1ts");
  return [path, bare, `${path}.ts`, `${path}.mts`, join(path, "index.ts")];
}

function packageName(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

async function dependenciesOf(source: string): Promise<ReadonlySet<string>> {
  const file = join(source, "package.json");
  if (!existsSync(file)) return new Set();
  const { dependencies = {} } = JSON.parse(await readFile(file, "utf8")) as {
    dependencies?: Record<string, string>;
  };
  return new Set(Object.keys(dependencies));
}
