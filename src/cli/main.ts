import type { FunctionCall } from "./commands/invocation.ts";
import type { RunFunctionContext } from "./run/run.ts";
import { openTerminal, type Terminal } from "./terminal.ts";
import { understand } from "./understand.ts";

/**
 * The command line: words in, an exit code out (design section 6). The answer goes to stdout, and nothing else does;
 * progress and errors go to stderr.
 */
export async function main(words: readonly string[]): Promise<number> {
  const terminal = openTerminal(process);
  try {
    const { invocation, places, module } = await understand(words, terminal);
    if (invocation.kind === "print") {
      terminal.out(invocation.text);
      return 0;
    }
    if (invocation.kind === "host") {
      const { runHostCommand } = await import("./host-commands/host-commands.ts");
      return await runHostCommand(invocation, { places, module, terminal });
    }
    return await answer(invocation, { places, module: await module(), terminal });
  } catch (error) {
    return await tell(error, terminal, wantsJson(words));
  }
}

/** A check of what has not changed since it passed is told again before anything more is loaded. */
async function answer(call: FunctionCall, context: RunFunctionContext): Promise<number> {
  const { memoryOf, tellAgain } = await import("./run/remembered.ts");
  const memory = memoryOf(call, context, process.env, new Date());
  const remembered = await memory?.recall();
  if (remembered === undefined) {
    const { runFunction } = await import("./run/run.ts");
    return runFunction(call, { ...context, memory });
  }
  tellAgain(remembered, call, context.terminal);
  return 0;
}

/** For bin/fairway.js: runs, lets the output drain, and ends the process: a module may leave timers behind. */
export async function run(): Promise<void> {
  // `fairway logs | head`: whoever read has enough.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
  const code = await main(process.argv.slice(2));
  await Promise.all(
    [process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write("", done))),
  );
  process.exit(code);
}

async function tell(error: unknown, terminal: Terminal, json: boolean): Promise<number> {
  const { tellError } = await import("./outcome/tell.ts");
  return tellError(error, terminal, json);
}

/** Before the words are understood: an error in them must be JSON too, where JSON was asked for. */
function wantsJson(words: readonly string[]): boolean {
  return words.some(
    (word, index) =>
      word === "--json" || word === "--format=json" || (word === "--format" && words[index + 1] === "json"),
  );
}
