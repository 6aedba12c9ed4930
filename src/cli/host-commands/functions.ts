import type { HostCommandCall } from "../commands/invocation.ts";
import { functionTable, plainStyle } from "../commands/help.ts";
import { shown, skippedNote } from "../commands/interfaces.ts";
import { kebabCase } from "../commands/words.ts";
import { typeName } from "../commands/flags.ts";
import { usageError } from "../../model/errors.ts";
import {
  mainObject,
  type FunctionDefinition,
  type Manifest,
  type TypeReference,
} from "../module/manifest.ts";
import type { PipelineModule } from "../module/module.ts";
import type { HostCommandContext } from "./host-commands.ts";

/** Two columns, as `dagger functions` prints them. */
export async function listFunctions(
  call: HostCommandCall,
  { module, terminal }: HostCommandContext,
): Promise<number> {
  const { manifest, functions } = await described(
    call.values["function"] as readonly string[],
    await module(),
  );
  terminal.notes.write(skippedNote(functions));
  if (call.options.json) {
    const list = shown(functions).map(({ name, description }) => ({
      name: kebabCase(name),
      description,
    }));
    terminal.out(`${JSON.stringify(list, null, 2)}\n`);
  } else {
    const { bold: heading, cyan: name, faint } = terminal.outColours;
    terminal.out(functionTable({ manifest, style: { ...plainStyle, heading, name, faint } }, functions));
  }
  return 0;
}

/** Functions of the module, or of what the words of a chain would answer; nothing is run for that. */
async function described(
  words: readonly string[],
  { manifest }: Pick<PipelineModule, "manifest">,
): Promise<{ readonly manifest: Manifest; readonly functions: readonly FunctionDefinition[] }> {
  if (words.length === 0) return { manifest, functions: mainObject(manifest).functions };
  const { withCoreTypes } = await import("../module/core-types.ts");
  const { functionNamed, functionsOf } = await import("../commands/chain.ts");
  const types = withCoreTypes(manifest);
  let type: TypeReference = { kind: "object", name: manifest.main };
  for (const word of words) type = functionNamed(word, type, types).returns;
  const functions = functionsOf(type, types);
  if (functions.length > 0) return { manifest: types, functions };
  throw usageError(`${words.join(" ")} answers a ${typeName(type)}, which has no functions`, {
    code: "COMMAND_UNKNOWN",
    remedy: "npx fairway functions",
  });
}
