import { plainStyle, type HelpStyle } from "./commands/help.ts";
import { hostCommandNames, type Invocation } from "./commands/invocation.ts";
import { parseCommandLine } from "./commands/program.ts";
import { openModule, stockModule, type PipelineModule } from "./module/module.ts";
import { findPlaces, packageVersion, type Places } from "./places.ts";
import type { Terminal } from "./terminal.ts";

export interface Understood {
  readonly invocation: Invocation;
  readonly places: Places;
  readonly module: () => Promise<PipelineModule>;
}

/** Finds the module whose functions are the commands, and reads the words by it. */
export async function understand(words: readonly string[], terminal: Terminal): Promise<Understood> {
  const places = findPlaces(process.cwd(), process.env);
  const module = await moduleFor(words, places);
  const context = { manifest: module.manifest, version: packageVersion(places), style: styleOf(terminal) };
  return { invocation: parseCommandLine(words, context), places, module: () => Promise.resolve(module) };
}

/** Commands that are about the machine must work when the team's module does not. */
async function moduleFor(words: readonly string[], places: Places): Promise<PipelineModule> {
  const command = words.find((word) => !word.startsWith("-"));
  const needsNone =
    command !== "functions" && command !== "explain" && hostCommandNames.some((name) => name === command);
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
