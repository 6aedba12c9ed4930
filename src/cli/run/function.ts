import type { FunctionCall } from "../commands/invocation.ts";
import { Abandoned } from "../interrupt.ts";
import { withHostCapabilities } from "../../model/host.ts";
import { mainObject } from "../module/manifest.ts";
import type { PipelineModule } from "../module/module.ts";
import { loadModuleClass } from "../module/load.ts";
import type { Places } from "../places.ts";
import type { ProgressView } from "../progress/view.ts";
import { answerText } from "./answer.ts";
import { hostCapabilitiesOf } from "./capabilities.ts";
import { chooseEngine } from "./engine.ts";
import { projectOf } from "./project.ts";
import { requireConfig } from "./require-config.ts";
import { connected, hostRooms, importSdk, openSession } from "./session.ts";
import { cacheLimitBytes, tidyCache } from "./tidy.ts";
import { argumentValues, type ValueContext } from "./values.ts";

export interface RunContext {
  readonly places: Places;
  readonly module: PipelineModule;
  readonly view: ProgressView;
  readonly signal: AbortSignal;
}

/** Calls one function of the module and answers what to print. */
export async function callFunction(call: FunctionCall, context: RunContext): Promise<string> {
  const { module, places, signal, view } = context;
  const project = projectOf(call.constructorValues["source"], places);
  const variables = { ...process.env };
  await requireConfig(call, module, project, places.workdir);
  const limitBytes = cacheLimitBytes(variables);
  const engine = chooseEngine(call.options.engine, call, project, variables);
  const rooms = hostRooms(places);
  const host = hostCapabilitiesOf({ engine, project, progress: view.progress, rooms, signal, variables });
  view.headline(call.definition.name, engine);

  const loading = importSdk(module);
  loading.catch(() => undefined);
  const session = await openSession(engine, project, rooms, (event) => {
    // What the ledger's git runs on is of no concern to whoever only looks: nothing is built or proven on it.
    if (event.type !== "note" || !onlyLooks.has(call.definition.name)) view.onEngineEvent(event);
  });
  // Ends the steps that run: their requests fail, and with them the function.
  const stop = () => void session.close().catch(() => undefined);
  signal.addEventListener("abort", stop, { once: true });
  try {
    const sdk = await loading;
    // It may have come while the session was opened, when nobody listened.
    signal.throwIfAborted();
    const work = () => {
      const { dag } = sdk;
      return perform(call, module, {
        dag,
        workdir: places.workdir,
        repository: project.repository,
        variables,
      });
    };
    const answer = withHostCapabilities(host, () => connected(sdk, view.engineLog, work));
    return await (engine.kind === "dagger" ? Promise.race([answer, leftBehind(signal)]) : answer);
  } finally {
    signal.removeEventListener("abort", stop);
    await session.close().catch((error: unknown) => {
      view.progress.note(`the engine did not end in order: ${String(error)}`);
    });
    if (engine.kind === "embedded" && !signal.aborted) {
      const { store } = await rooms();
      await tidyCache(store, limitBytes, new Date(), (text) => {
        view.progress.note(text);
      });
    }
  }
}

const onlyLooks: ReadonlySet<string> = new Set(["status", "history", "diff", "record", "verify", "backups"]);

/**
 * A real engine goes on with a step until its session ends, which it does with this process: what the function
 * does of its own gets this long to end in order.
 */
const daggerGraceMs = 3_000;

function leftBehind(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const leave = () => {
      setTimeout(() => {
        reject(new Abandoned((signal.reason as Error).message));
      }, daggerGraceMs).unref();
    };
    signal.addEventListener("abort", leave, { once: true });
  });
}

/** As the engine does it: the constructor with its arguments, then the function with its own. */
export async function perform(
  call: FunctionCall,
  module: PipelineModule,
  context: ValueContext,
): Promise<string> {
  const { constructorArguments } = mainObject(module.manifest);
  const Class = await loadModuleClass(module.loading);
  const instance = new Class(...argumentValues(constructorArguments, call.constructorValues, context));
  const { definition } = call;
  const member = instance[definition.member];
  const result: unknown =
    definition.kind === "method" && typeof member === "function"
      ? await Reflect.apply(member, instance, argumentValues(definition.arguments, call.values, context))
      : member;
  return answerText(result, definition.returns, call, module.manifest, context);
}
