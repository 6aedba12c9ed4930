import type { FunctionCall } from "../commands/invocation.ts";
import { listenForInterrupt } from "../interrupt.ts";
import type { PipelineModule } from "../module/module.ts";
import { tellError } from "../outcome/tell.ts";
import type { Places } from "../places.ts";
import { openView } from "../progress/view.ts";
import type { Terminal } from "../terminal.ts";
import { consoleOnStderr } from "./console.ts";
import { inOneSession, type CallAnswer } from "./function.ts";

/** Calls several functions in one session while their progress is shown; a number is the exit code of what went wrong. */
export async function watched<T extends object>(
  first: FunctionCall,
  { places, module, terminal }: { places: Places; module: PipelineModule; terminal: Terminal },
  calls: (perform: (call: FunctionCall) => Promise<CallAnswer>) => Promise<T>,
): Promise<T | number> {
  const view = openView(first.options.progress, terminal);
  using interrupt = listenForInterrupt((text) => {
    view.progress.note(text);
  });
  const logging = consoleOnStderr();
  try {
    const work = inOneSession(first, { places, module, view, signal: interrupt.signal }, calls);
    const answer = await Promise.race([work, interrupt.overdue]);
    return interrupt.exitCode() ?? answer;
  } catch (error) {
    view.end();
    return interrupt.exitCode() ?? tellError(error, terminal, first.options.json);
  } finally {
    view.end();
    logging[Symbol.dispose]();
  }
}
