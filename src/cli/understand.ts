import { chainHelp, plainStyle, type HelpStyle } from "./commands/help.ts";
import {
  hostCommandNames,
  moduleCommandNames,
  type FunctionCall,
  type Invocation,
} from "./commands/invocation.ts";
import { parseCommandLine, type ProgramContext } from "./commands/program.ts";
import { openModule, stockModule, type PipelineModule } from "./module/module.ts";
import { toolchainCall } from "./module/toolchains.ts";
import { findPlaces, packageVersion, type Places } from "./places.ts";
import type { Terminal } from "./terminal.ts";

export interface Understood {
  readonly invocation: Invocation;
  readonly places: Places;
  readonly module: () => Promise<PipelineModule>;
}

/** Finds the module whose functions are the commands, and reads the words by it. */
export async function understand(typed: readonly string[], terminal: Terminal): Promise<Understood> {
  const places = findPlaces(process.cwd(), process.env);
  const { words, module } = await wordsAndModule(typed, places);
  const context = { manifest: module.manifest, version: packageVersion(places), style: styleOf(terminal) };
  const parsed = parseCommandLine(words, context);
  const invocation = await understood(parsed, module, context);
  return { invocation, places, module: () => Promise.resolve(module) };
}

async function understood(
  parsed: Invocation,
  module: PipelineModule,
  context: Pick<ProgramContext, "style">,
): Promise<Invocation> {
  if (parsed.kind === "function") return withLinks(parsed, module, context);
  if (parsed.kind !== "host" || parsed.call === undefined) return parsed;
  const call = await withLinks(parsed.call, module, context);
  return call.kind === "function" ? { ...parsed, call } : call;
}

async function wordsAndModule(
  words: readonly string[],
  places: Places,
): Promise<{ readonly words: readonly string[]; readonly module: PipelineModule }> {
  const named = namedModule(words);
  const toolchain = named === undefined ? await toolchainCall(words, places) : undefined;
  if (toolchain === undefined) return { words, module: await moduleFor(words, places) };
  if (toolchain.module === "stock") return { words: toolchain.words, module: await stockModule(places) };
  // A toolchain's default paths are of the repository that uses it.
  const module = await openModule(places, toolchain.module.directory);
  return { words: toolchain.words, module: { ...module, context: places.repository } };
}

/** What is chained is read before anything is run; the engine's types are loaded only for that. */
async function withLinks(
  call: FunctionCall,
  module: PipelineModule,
  { style }: Pick<ProgramContext, "style">,
): Promise<Invocation> {
  const { requireWritable } = await import("./hosting/output.ts");
  if (call.chain.length === 0) {
    requireWritable(call);
    return call;
  }
  const [{ readChain }, { withCoreTypes }] = await Promise.all([
    import("./commands/chain.ts"),
    import("./module/core-types.ts"),
  ]);
  const manifest = withCoreTypes(module.manifest);
  const { links, options, help } = readChain(call.definition.returns, call.chain, manifest);
  if (help) return { kind: "print", text: chainHelp(call.definition, links, { manifest, style }) };
  const { output, ...rest } = options as Record<string, unknown>;
  const out = { ...(output === undefined ? {} : { out: output as string }) };
  const whole: FunctionCall = { ...call, links, options: { ...call.options, ...rest, ...out } };
  requireWritable(whole);
  return whole;
}

/** Commands that are about the machine must work when the team's module does not. */
async function moduleFor(words: readonly string[], places: Places): Promise<PipelineModule> {
  const command = words.find((word) => !word.startsWith("-"));
  const needsNone =
    !moduleCommandNames.includes(command ?? "") && hostCommandNames.some((name) => name === command);
  return needsNone || words.includes("--version")
    ? stockModule(places)
    : openModule(places, namedModule(words));
}

/** `-m PATH` is needed before the words can be read: it says which functions there are. */
function namedModule(words: readonly string[]): string | undefined {
  for (const [index, word] of words.entries()) {
    if (word === "-m" || word === "--module") return words[index + 1];
    if (word.startsWith("--module=")) return word.slice("--module=".length);
  }
  return undefined;
}

function styleOf({ outColours, outWidth }: Terminal): HelpStyle {
  return {
    ...plainStyle,
    width: outWidth,
    heading: outColours.bold,
    name: outColours.cyan,
    faint: outColours.faint,
  };
}
