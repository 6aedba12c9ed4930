import { resolve } from "node:path";
import type { FunctionDefinition } from "../module/manifest.ts";
import { argumentValues, type ValueContext } from "./arguments.ts";
import type { CoreObject } from "./state.ts";

/** Calls a function of one of the engine's own objects: what must be given by place, what may be by name. */
export async function callCore(
  object: CoreObject,
  definition: FunctionDefinition,
  given: Readonly<Record<string, unknown>>,
  context: ValueContext,
): Promise<unknown> {
  const local = { ...given };
  // `export --path out` writes beside the user, not beside the engine.
  if (definition.name === "export" && typeof local["path"] === "string")
    local["path"] = resolve(context.workdir, local["path"]);
  const required = definition.arguments.filter(({ optional }) => !optional);
  const named = definition.arguments.filter(({ optional, name }) => optional && name in local);
  const options = await argumentValues(named, local, context);
  const values = [
    ...(await argumentValues(required, local, context)),
    ...(named.length === 0
      ? []
      : [Object.fromEntries(named.map(({ name }, index) => [name, options[index]]))]),
  ];
  const member = (object as unknown as Record<string, unknown>)[definition.member];
  if (typeof member !== "function") throw new Error(`the SDK has no function ${definition.member}`);
  return (await Reflect.apply(member, object, values)) as unknown;
}
