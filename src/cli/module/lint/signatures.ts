import type { Manifest, TypeReference } from "../manifest.ts";
import type { ModuleProblem } from "./lint.ts";

/** Types that the scanner lets through and the engine does not: the function is skipped, with exit 0. */
export function signatureProblems(manifest: Manifest, core: ReadonlySet<string>): ModuleProblem[] {
  return Object.values(manifest.objects).flatMap(({ name, constructorArguments, functions }) => [
    ...constructorArguments.flatMap((argument) =>
      check(`${name}.constructor(${argument.name})`, argument.type, core),
    ),
    ...functions.flatMap((definition) => [
      ...definition.arguments.flatMap((argument) =>
        check(`${name}.${definition.member}(${argument.name})`, argument.type, core),
      ),
      ...check(`${name}.${definition.member}`, definition.returns, core),
    ]),
  ]);
}

function check(place: string, type: TypeReference, core: ReadonlySet<string>): ModuleProblem[] {
  switch (type.kind) {
    case "list":
      return check(place, type.of, core);
    case "interface":
      return [hidden(place, `the interface ${type.name} hides the function: make it a class with @object()`)];
    case "scalar":
      return core.has(type.name)
        ? []
        : [hidden(place, `${type.name} is no type of the engine: make it a string enum`)];
    default:
      return [];
  }
}

function hidden(place: string, message: string): ModuleProblem {
  return { rule: "hidden-function", place, message };
}
