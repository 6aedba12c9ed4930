import { matchesGlob } from "node:path";
import { usageError } from "../../model/errors.ts";
import { nameTable, plainStyle } from "../commands/help.ts";
import type { FunctionCall, HostCommandCall } from "../commands/invocation.ts";
import { firstLine, kebabCase } from "../commands/words.ts";
import { mainObject, type FunctionDefinition } from "../module/manifest.ts";
import type { PipelineModule } from "../module/module.ts";
import type { Terminal } from "../terminal.ts";

/** A function that its class marks as a check or a generator, under the name that Dagger gives it: `yard:paint`. */
export interface MarkedFunction {
  readonly name: string;
  readonly definition: FunctionDefinition;
}

/** Those that need no argument, as Dagger runs them. */
export function markedFunctions(
  { manifest }: Pick<PipelineModule, "manifest">,
  isMarked: (definition: FunctionDefinition) => boolean,
): readonly MarkedFunction[] {
  return mainObject(manifest)
    .functions.filter(isMarked)
    .filter((definition) => definition.arguments.every(({ optional }) => optional))
    .map((definition) => ({ name: `${kebabCase(manifest.main)}:${kebabCase(definition.name)}`, definition }));
}

/** By whole name or by the function's alone, each also as a pattern: `yard:*`, `lint-*`. @throws FairwayError NAME_UNKNOWN (exit 2) */
export function chosen(
  all: readonly MarkedFunction[],
  wanted: readonly string[],
  kind: string,
): readonly MarkedFunction[] {
  const fits = ({ name }: MarkedFunction, word: string) => {
    const own = name.split(":")[1] ?? "";
    return [name, own].some((known) => known === word || matchesGlob(known, word));
  };
  const unknown = wanted.find((word) => !all.some((one) => fits(one, word)));
  if (unknown === undefined)
    return wanted.length === 0 ? all : all.filter((one) => wanted.some((word) => fits(one, word)));
  throw usageError(`there is no ${kind} ${unknown}`, {
    code: "NAME_UNKNOWN",
    remedy:
      all.length === 0 ? `the module has no ${kind}s` : `It has: ${all.map(({ name }) => name).join(", ")}`,
  });
}

export function listMarked(all: readonly MarkedFunction[], json: boolean, terminal: Terminal): void {
  const rows = all.map(({ name, definition }) => [name, firstLine(definition.description)] as const);
  const { bold: heading, cyan, faint } = terminal.outColours;
  terminal.out(
    json
      ? `${JSON.stringify(
          rows.map(([name, description]) => ({ name, description })),
          null,
          2,
        )}\n`
      : nameTable(rows, { ...plainStyle, heading, name: cyan, faint }),
  );
}

export function callOf({ definition }: MarkedFunction, host: HostCommandCall): FunctionCall {
  const { constructorValues, options } = host;
  return { kind: "function", definition, constructorValues, values: {}, chain: [], links: [], options };
}
