import type { Changeset } from "@dagger.io/dagger";
import { dirname } from "node:path";
import type { FunctionCall } from "../commands/invocation.ts";
import { Abandoned } from "../interrupt.ts";
import { systemClock } from "../../model/clock.ts";
import { withHostCapabilities } from "../../model/host.ts";
import {
  changesText,
  exported,
  functionCache,
  hostModule,
  isChangeset,
  printed,
  type FunctionCache,
  type ValueContext,
} from "../hosting/hosting.ts";
import type { Manifest } from "../module/manifest.ts";
import type { PipelineModule } from "../module/module.ts";
import type { Places } from "../places.ts";
import type { ProgressView } from "../progress/view.ts";
import { hostCapabilitiesOf } from "./capabilities.ts";
import { chooseEngine } from "./engine.ts";
import { projectOf } from "./project.ts";
import { requireConfig } from "./require-config.ts";
import { connected, hostRooms, importSdk, openSession } from "./session.ts";
import { cacheLimitBytes, tidyCache } from "./tidy.ts";

export interface RunContext {
  readonly places: Places;
  readonly module: PipelineModule;
  readonly view: ProgressView;
  readonly signal: AbortSignal;
  readonly ofSourceAlone?: () => void;
}

/** What a call answered. */
export interface CallAnswer {
  readonly text: string;
  /** Where the answer was written already; its text is then empty. */
  readonly exportedTo?: string;
  /** Where the answer is changes, for who writes them while the session lasts. */
  readonly changes?: Changeset;
  /** What the reader has to know beside it. */
  readonly note?: string;
  /** True where the function said that it is the same until a file of the source changes. */
  readonly ofSourceAlone?: boolean;
}

/** Calls one function of the module and answers what to print. */
export async function callFunction(call: FunctionCall, context: RunContext): Promise<CallAnswer> {
  let ofSourceAlone = false;
  const noted = { ...context, ofSourceAlone: () => (ofSourceAlone = true) };
  const answer = await inOneSession(call, noted, (perform) => perform(call));
  return { ...answer, ofSourceAlone };
}

/** Lets several functions of the module be called in one session, on the engine that is right for the first. */
export async function inOneSession<T>(
  call: FunctionCall,
  context: RunContext,
  calls: (perform: (call: FunctionCall) => Promise<CallAnswer>) => Promise<T>,
): Promise<T> {
  const { module, places, signal } = context;
  const project = projectOf(call.constructorValues["source"], places);
  const variables = { ...process.env };
  await requireConfig(call, module, project, places.workdir);
  const limitBytes = cacheLimitBytes(variables);
  const engine = chooseEngine(call.options.engine, call, project, variables);
  const rooms = hostRooms(places);
  const { ofSourceAlone = () => undefined, view } = context;
  const { progress } = view;
  const host = hostCapabilitiesOf({ engine, project, progress, rooms, signal, variables, ofSourceAlone });
  view.headline(call.definition.name, engine);

  const loading = importSdk(module);
  loading.catch(() => undefined);
  const session = await openSession(engine, project.repository, rooms, call.options.images, (event) => {
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
      const cache =
        engine.kind === "embedded" && module.content !== undefined
          ? rooms().then(({ store }) =>
              functionCache({ store, clock: systemClock, note: (text) => view.progress.note(text) }),
            )
          : undefined;
      const values: ValueContext = {
        dag,
        workdir: places.workdir,
        repository: module.context ?? project.repository,
        moduleDirectory: dirname(module.settingsFile),
        variables,
      };
      return calls((one) => perform(one, module, cache, values));
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

const onlyLooks: ReadonlySet<string> = new Set([
  "status",
  "tests",
  "history",
  "diff",
  "record",
  "verify",
  "backups",
]);

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

/** One call and what is printed of it, in a session that is there. */
export async function perform(
  call: FunctionCall,
  module: PipelineModule,
  cache: Promise<FunctionCache> | undefined,
  context: ValueContext,
): Promise<CallAnswer> {
  const { out, json } = call.options;
  const manifest = await typesOf(call, module);
  const { value, type } = await hostModule(module, manifest, context, await cache).call(call);
  const exportedTo = out === undefined ? undefined : await exported(value, out, context.workdir);
  if (exportedTo !== undefined) return { text: "", exportedTo };
  if (isChangeset(value)) return { text: await changesText(value), changes: value, note: notApplied };
  return { text: await printed(value, type, manifest, json && !("format" in call.values)) };
}

const notApplied = "nothing was written: end the command with  export --path .";

/** The engine's own types are needed only where something is chained. */
async function typesOf(call: FunctionCall, { manifest }: PipelineModule): Promise<Manifest> {
  if (call.links.length === 0) return manifest;
  const { withCoreTypes } = await import("../module/core-types.ts");
  return withCoreTypes(manifest);
}
