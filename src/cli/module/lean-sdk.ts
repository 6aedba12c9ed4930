import * as modules from "node:module";
import { pathToFileURL } from "node:url";

/**
 * Imports the SDK without what a client of a session never uses: the entry point of Dagger's own runtime, which brings the whole
 * TypeScript compiler, and, where no OTEL_ variable asks for it, the export of traces. Together they are more than half of the SDK's
 * time to load. Whoever calls the entry point gets it, later.
 *
 * @param entry the SDK's index, as a file
 */
export async function importLeanSdk(entry: string, variables: NodeJS.ProcessEnv): Promise<object> {
  const instead = leftOut(entry, variables);
  // Of the release line that a team may still have: then all of it is loaded, as ever.
  const hooks = "registerHooks" in modules ? modules.registerHooks(substitute(instead)) : undefined;
  try {
    return (await import(pathToFileURL(entry).href)) as object;
  } finally {
    hooks?.deregister();
  }
}

/** By the address of the file that imports it, and what that calls it: what it gets in its place. */
type Instead = ReadonlyMap<string, ReadonlyMap<string, string>>;

function leftOut(entry: string, variables: NodeJS.ProcessEnv): Instead {
  const index = pathToFileURL(entry);
  const file = (path: string) => new URL(path, index).href;
  const runtime = "./module/entrypoint/entrypoint.js";
  const found = new Map([[index.href, new Map([[runtime, laterEntrypoint(file(runtime))]])]]);
  if (Object.keys(variables).some((name) => name.startsWith("OTEL_"))) return found;
  const telemetry = [
    "@opentelemetry/core",
    "@opentelemetry/exporter-trace-otlp-proto",
    "@opentelemetry/sdk-node",
    "@opentelemetry/sdk-trace-base",
  ];
  for (const path of ["./telemetry/init.js", "./telemetry/live_processor.js"])
    found.set(file(path), new Map(telemetry.map((name) => [name, withoutTelemetry])));
  return found;
}

function laterEntrypoint(url: string): string {
  return `export const entrypoint = async (...words) => (await import(${JSON.stringify(url)})).entrypoint(...words);`;
}

/** The SDK asks for none of them without such a variable; one that does after all is told. */
const withoutTelemetry = `
const off = () => { throw new Error("telemetry was not loaded: no OTEL_ variable was set when Fairway started"); };
export class NodeSDK { constructor() { off(); } }
export class OTLPTraceExporter { constructor() { off(); } }
export class BatchSpanProcessor { constructor() { off(); } }
export const getBooleanFromEnv = off;
`;

function substitute(instead: Instead): modules.RegisterHooksOptions {
  const sources = new Map<string, string>();
  return {
    resolve: (specifier, context, next) => {
      const source = instead.get(context.parentURL ?? "")?.get(specifier);
      if (source === undefined) return next(specifier, context);
      const url = `fairway-lean:${String(context.parentURL)}#${specifier}`;
      sources.set(url, source);
      return { url, format: "module", shortCircuit: true };
    },
    load: (url, context, next) => {
      const source = sources.get(url);
      return source === undefined ? next(url, context) : { format: "module", source, shortCircuit: true };
    },
  };
}
