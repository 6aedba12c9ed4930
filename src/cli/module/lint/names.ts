import ts from "typescript";
import { declared } from "./declared.ts";
import type { ModuleProblem } from "./lint.ts";
import {
  classesOf,
  decoratorOption,
  functionsOf,
  isDecorated,
  visit,
  type ModuleSource,
  type ObjectClass,
} from "./source.ts";

export interface NameRules {
  /** The main class: the module's name in PascalCase. */
  readonly main: string;
  /** Where dagger.json says the name: `dagger.json:2`. */
  readonly place: string;
  /** The engine's classes, enums and scalars. */
  readonly core: ReadonlySet<string>;
}

/** A reserved name fails the load; a type named like one of the engine's makes its functions vanish. */
export function nameProblems(source: ModuleSource, rules: NameRules): ModuleProblem[] {
  return [
    ...mainClass(source, rules),
    ...source.objects.flatMap((object) => [
      ...functionsOf(object).flatMap((member) => reserved(object, member, "func")),
      ...object.node.members
        .filter(ts.isPropertyDeclaration)
        .flatMap((member) => reserved(object, member, "field")),
    ]),
    ...shadows(source, rules.core),
  ];
}

function mainClass({ files, objects }: ModuleSource, { main, place }: NameRules): ModuleProblem[] {
  const found = [...files.values()].flatMap((file) =>
    classesOf(file)
      .filter(({ name }) => name?.text === main)
      .map((node) => ({ file, node })),
  );
  const [first] = found;
  if (first === undefined) {
    const candidate = objects[0];
    return [
      {
        rule: "main-class",
        place:
          candidate === undefined ? place : candidate.file.placeOf(candidate.node.name ?? candidate.node),
        message: `no class is named ${main}, after the module: it has no functions, and says so with exit code 0`,
        remedy: `name the main class ${main}, or change the name in dagger.json`,
      },
    ];
  }
  const { file, node } = first;
  const at = file.placeOf(node.name ?? node);
  if (!isDecorated(node, "object"))
    return [
      {
        rule: "main-class",
        place: at,
        message: `${main} has no @object(): the module does not load`,
        remedy: "write @object() before it",
      },
    ];
  if ((ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Export) !== 0) return [];
  return [
    {
      rule: "main-class",
      place: at,
      message: `${main} is not exported: its functions cannot be called`,
      remedy: "write export before class",
    },
  ];
}

function reserved(
  { file, name }: ObjectClass,
  member: ts.MethodDeclaration | ts.PropertyDeclaration,
  kind: "func" | "field",
): ModuleProblem[] {
  const isShown = isDecorated(member, "func") || isDecorated(member, "field");
  const shown =
    decoratorOption(member, "func", "alias") ??
    decoratorOption(member, "field", "alias") ??
    member.name.getText();
  if (!isShown || shown !== "id") return [];
  return [
    {
      rule: "reserved-name",
      place: file.placeOf(member.name),
      message: `${name}.id: the engine gives every object an id of its own, and refuses the module`,
      remedy: kind === "func" ? "give the function another name" : "give the field another name",
    },
  ];
}

/** Types of the module's own that its signatures name: the engine takes them for its own, and drops the functions. */
function shadows(source: ModuleSource, core: ReadonlySet<string>): ModuleProblem[] {
  const found = new Map<string, ModuleProblem>();
  const add = (name: string, place: string) =>
    found.set(place, {
      rule: "core-type-name",
      place,
      message: `the engine has a type ${name} of its own: the functions that name this one are not there`,
      remedy: `rename it, e.g. Own${name}`,
    });
  for (const object of source.objects) {
    if (core.has(object.name)) add(object.name, object.file.placeOf(object.node.name ?? object.node));
    for (const name of signatureNames(object).filter((one) => core.has(one))) {
      const owner = declared(source, object.file, name);
      if ("node" in owner) add(name, owner.file.placeOf(owner.node.name ?? owner.node));
    }
  }
  return [...found.values()];
}

function signatureNames(object: ObjectClass): string[] {
  const members = [...functionsOf(object), ...object.node.members.filter(ts.isConstructorDeclaration)];
  const types = members.flatMap((member) => [
    ...member.parameters.map(({ type }) => type),
    ...(ts.isMethodDeclaration(member) ? [member.type] : []),
  ]);
  const names: string[] = [];
  for (const type of types) {
    if (type === undefined) continue;
    visit(type, (node) => {
      if (ts.isTypeReferenceNode(node) && ts.isIdentifier(node.typeName)) names.push(node.typeName.text);
    });
  }
  return names;
}
