import { join } from "node:path";
import ts from "typescript";
import type { Manifest, ObjectDefinition, TypeReference } from "../manifest.ts";
import type { ModuleProblem } from "./lint.ts";
import { parseFile, type ParsedFile } from "./source.ts";

/** Names that the engine gives to every object. */
const reserved = new Set(["id"]);

/** A reserved name fails the load; a type named like one of the engine's makes its functions vanish. */
export async function nameProblems(
  manifest: Manifest,
  core: ReadonlySet<string>,
  root: string,
): Promise<ModuleProblem[]> {
  const problems: ModuleProblem[] = [];
  if (manifest.objects[manifest.main] === undefined) {
    const message = `no class is named ${manifest.main}, after the module: it would have no functions`;
    problems.push({ rule: "scanner", place: manifest.main, message });
  }
  for (const object of Object.values(manifest.objects)) {
    for (const { name, member } of object.functions.filter(({ name }) => reserved.has(name))) {
      problems.push({
        rule: "reserved-name",
        place: `${object.name}.${member}`,
        message: `"${name}" is a reserved name`,
      });
    }
    if (object.file === null) continue;
    problems.push(...shadows(object, core, await parseFile(root, join(root, object.file))));
  }
  return problems;
}

/**
 * Types of the module's own that its signatures name, and that are named like the engine's. The scanner takes them
 * for the engine's, so they are looked for in the source: declared beside the class, or imported from another file.
 */
function shadows(object: ObjectDefinition, core: ReadonlySet<string>, file: ParsedFile): ModuleProblem[] {
  const named = new Set([object.name, ...signatureNames(object)].filter((name) => core.has(name)));
  return file.tree.statements.flatMap((statement) =>
    ownNames(statement)
      .filter((name) => named.has(name))
      .map((name) => ({
        rule: "core-type-name" as const,
        place: `${name} (${file.placeOf(statement)})`,
        message: `the engine has a type ${name} of its own: functions that name this one vanish`,
      })),
  );
}

function ownNames(statement: ts.Statement): readonly string[] {
  const isDeclaration =
    ts.isClassDeclaration(statement) ||
    ts.isEnumDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement);
  if (isDeclaration) return statement.name === undefined ? [] : [statement.name.text];
  if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) return [];
  if (!statement.moduleSpecifier.text.startsWith(".")) return [];
  const bindings = statement.importClause?.namedBindings;
  return bindings !== undefined && ts.isNamedImports(bindings)
    ? bindings.elements.map(({ name }) => name.text)
    : [];
}

function signatureNames({ constructorArguments, functions }: ObjectDefinition): string[] {
  const types = [
    ...constructorArguments.map(({ type }) => type),
    ...functions.flatMap((definition) => [
      definition.returns,
      ...definition.arguments.map(({ type }) => type),
    ]),
  ];
  return types.flatMap(typeNames);
}

function typeNames(type: TypeReference): string[] {
  if (type.kind === "list") return typeNames(type.of);
  return "name" in type ? [type.name] : [];
}
