import { dirname, join } from "node:path";
import { failure } from "../../model/errors.ts";
import type { FunctionDefinition, Manifest, TypeReference } from "../module/manifest.ts";
import { mainObject } from "../module/manifest.ts";
import { loadModuleClass, type ModuleClass } from "../module/load.ts";
import type { PipelineModule } from "../module/module.ts";
import type { FunctionCall } from "../commands/invocation.ts";
import { argumentValues, type ValueContext } from "./arguments.ts";
import type { FunctionCache } from "./cache.ts";
import { callCore } from "./core.ts";
import { policyOf } from "./policy.ts";
import { freeze, isCoreObject, isObjectState, thaw, type ObjectState } from "./state.ts";

export { functionCache, type FunctionCache } from "./cache.ts";
export { printed } from "./print.ts";
export type { ValueContext } from "./arguments.ts";
export { changesText, isChangeset } from "./changes.ts";
export { exported, isExported } from "./output.ts";

/** What a call ended in. */
export interface Answer {
  readonly value: unknown;
  readonly type: TypeReference;
}

/** A module that is called in this process as an engine calls it: nothing but JSON goes from one call to the next. */
export interface HostedModule {
  /** The constructor, the function, and what is chained on it. */
  call(call: Pick<FunctionCall, "constructorValues" | "definition" | "values" | "links">): Promise<Answer>;
}

/** @param cache undefined where nothing is kept, or an engine keeps it */
export function hostModule(
  module: PipelineModule,
  manifest: Manifest,
  context: ValueContext,
  cache?: FunctionCache,
): HostedModule {
  const classOf = (name: string) => loadClass(module, name);

  const construct = async (given: Readonly<Record<string, unknown>>): Promise<ObjectState> => {
    const main = mainObject(manifest);
    const Class = await loadModuleClass(module.loading);
    const instance = new Class(...(await argumentValues(main.constructorArguments, given, context)));
    return freeze(instance, { kind: "object", name: main.name }, manifest) as ObjectState;
  };

  const invoke = async (
    parent: unknown,
    definition: FunctionDefinition,
    given: Readonly<Record<string, unknown>>,
  ): Promise<unknown> => {
    if (parent === undefined || parent === null) return parent;
    if (Array.isArray(parent)) return Promise.all(parent.map((item) => invoke(item, definition, given)));
    if (isCoreObject(parent)) return callCore(parent, definition, given, context);
    if (!isObjectState(parent)) throw new Error(`${definition.name} is asked of what is no object`);
    if (definition.kind === "field") return parent.fields[definition.name];
    const instance = await thaw(parent, manifest, classOf);
    const method = instance[definition.member];
    if (typeof method !== "function") throw new Error(`${parent.object} has no method ${definition.member}`);
    const values = await argumentValues(definition.arguments, given, context);
    const run = async () => {
      const answer: unknown = await tellLost(
        () => Reflect.apply(method, instance, values),
        parent,
        definition,
      );
      return freeze(answer, definition.returns, manifest);
    };
    if (cache === undefined || module.content === undefined) return run();
    const name = `${parent.object}.${definition.name}`;
    const policy = policyOf(definition.cache ?? module.defaultCache ?? null, name);
    return cache.answer({ name, policy, code: [module.content, name], inputs: [parent, values] }, run);
  };

  return {
    call: async ({ constructorValues, definition, values, links }) => {
      let at = await invoke(await construct(constructorValues), definition, values);
      let type = definition.returns;
      for (const link of links) {
        at = await invoke(at, link.definition, link.values);
        type =
          Array.isArray(at) && type.kind === "list"
            ? listOf(link.definition.returns)
            : link.definition.returns;
      }
      return { value: at, type };
    },
  };
}

/** Node says only that it cannot read a private member. */
async function tellLost(
  run: () => unknown,
  { object }: ObjectState,
  { member }: FunctionDefinition,
): Promise<unknown> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof TypeError) || !/private (member|field|method)/.test(error.message)) throw error;
    throw failure(
      `${object}.${member} uses a #private member, which is lost between calls: ${error.message}`,
      {
        code: "STATE_LOST",
        place: `${object}.${member}`,
        remedy: "declare it as a private property: private name: string",
        cause: error,
      },
    );
  }
}

/** A field of each of a list is a list of that field. */
function listOf(type: TypeReference): TypeReference {
  return { kind: "list", of: type };
}

async function loadClass(module: PipelineModule, name: string): Promise<ModuleClass | undefined> {
  const file = module.manifest.objects[name]?.file;
  if (file == null) return undefined;
  if (name === module.loading.className) return loadModuleClass(module.loading);
  return loadModuleClass({
    ...module.loading,
    file: join(dirname(module.settingsFile), file),
    className: name,
  });
}
