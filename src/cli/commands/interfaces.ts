import { usageError } from "../../model/errors.ts";
import type { FunctionDefinition, TypeReference } from "../module/manifest.ts";
import { kebabCase } from "./words.ts";

/** Functions that can be called: Dagger hides those with an interface among their arguments. */
export function shown(functions: readonly FunctionDefinition[]): readonly FunctionDefinition[] {
  return functions.filter((definition) => interfaceOf(definition) === undefined);
}

/** As Dagger tells it; empty where nothing is hidden. */
export function skippedNote(functions: readonly FunctionDefinition[]): string {
  const hidden = functions.filter((definition) => interfaceOf(definition) !== undefined);
  const names = hidden.map(({ name }) => kebabCase(name)).join(", ");
  return hidden.length === 0
    ? ""
    : `Skipped ${String(hidden.length)} function(s) with unsupported types: ${names}\n`;
}

/** Neither is it called here: an interface is told by name. @throws FairwayError INTERFACE (exit 2) */
export function requireNoInterface(definition: FunctionDefinition): void {
  const word = kebabCase(definition.name);
  const argument = interfaceOf(definition);
  const answer = named(definition.returns);
  if (argument !== undefined) {
    throw usageError(`${word} takes the interface ${argument}: Dagger's command line hides such a function`, {
      code: "INTERFACE",
      remedy: `make ${argument} a class with @object(), or give the function one of the engine's own types`,
    });
  }
  if (answer !== undefined) {
    throw usageError(`${word} answers the interface ${answer}: the embedded engine does not support it`, {
      code: "INTERFACE",
      remedy: `answer a class with @object(), or use the real Dagger engine: --engine dagger`,
    });
  }
}

function interfaceOf({ arguments: given }: FunctionDefinition): string | undefined {
  return given.map(({ type }) => named(type)).find((name) => name !== undefined);
}

function named(type: TypeReference): string | undefined {
  if (type.kind === "list") return named(type.of);
  return type.kind === "interface" ? type.name : undefined;
}
