import type { FunctionCall } from "../commands/invocation.ts";
import { listenForInterrupt } from "../interrupt.ts";
import type { PipelineModule } from "../module/module.ts";
import { outcomeOf } from "../outcome/outcome.ts";
import { tellError } from "../outcome/tell.ts";
import type { Places } from "../places.ts";
import { openView } from "../progress/view.ts";
import type { Terminal } from "../terminal.ts";
import { callFunction } from "./function.ts";

export interface RunFunctionContext {
  readonly places: Places;
  readonly module: PipelineModule;
  readonly terminal: Terminal;
}

/** Calls a function while its progress is shown; prints its answer, or how it ended. */
export async function runFunction(
  call: FunctionCall,
  { places, module, terminal }: RunFunctionContext,
): Promise<number> {
  const view = openView(call.options.progress, terminal);
  using interrupt = listenForInterrupt((text) => {
    view.progress.note(text);
  });
  try {
    const work = callFunction(call, { places, module, view, signal: interrupt.signal });
    const answer = await Promise.race([work, interrupt.overdue]);
    view.end();
    terminal.out(answer);
    return 0;
  } catch (error) {
    view.end();
    const stopped = interrupt.exitCode();
    // Stopped before anything was done: no error to tell about. What was begun is told with code 5.
    if (stopped !== undefined && outcomeOf(error).exitCode !== 5) {
      terminal.notes.write(`${terminal.colours.yellow("stopped")}\n`);
      return stopped;
    }
    return tellError(error, terminal, call.options.json);
  } finally {
    view.end();
  }
}
