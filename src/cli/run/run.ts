import { resolve } from "node:path";
import type { PlanAnswer } from "../../delivery/plan.ts";
import { exitCodes, isFairwayError } from "../../model/errors.ts";
import type { FunctionCall } from "../commands/invocation.ts";
import { Abandoned, listenForInterrupt } from "../interrupt.ts";
import type { PipelineModule } from "../module/module.ts";
import { outcomeOf, type Outcome } from "../outcome/outcome.ts";
import { outcomeAsJson, tellError } from "../outcome/tell.ts";
import { paintedReview } from "../outcome/paint.ts";
import type { Places } from "../places.ts";
import { openView } from "../progress/view.ts";
import type { Terminal } from "../terminal.ts";
import { requireAnswerFile } from "./answer-file.ts";
import { consoleOnStderr } from "./console.ts";
import { callFunction, type CallAnswer } from "./function.ts";
import type { Memory } from "./remembered.ts";
import { changesEnvironment, interruptedCall } from "./interrupted.ts";

export interface RunFunctionContext {
  readonly places: Places;
  readonly module: PipelineModule;
  readonly terminal: Terminal;
  /** Keeps an answer for when it is asked again and nothing has changed. */
  readonly memory?: Memory | undefined;
}

/** Calls a function while its progress is shown; prints its answer, or how it ended. */
export async function runFunction(
  call: FunctionCall,
  { places, module, terminal, memory }: RunFunctionContext,
): Promise<number> {
  const view = openView(call.options.progress, terminal);
  using interrupt = listenForInterrupt((text) => {
    view.progress.note(text);
  });
  const logging = consoleOnStderr();
  try {
    await requireAnswerFile(call, places);
    const work = callFunction(call, { places, module, view, signal: interrupt.signal });
    const answer = await Promise.race([work, interrupt.overdue]);
    view.end();
    await hand(answer, call, { places, terminal });
    if (answer.ofSourceAlone === true && view.ranNothing()) await memory?.keep(answer.text);
    return 0;
  } catch (thrown) {
    view.end();
    const stopped = interrupt.exitCode();
    const error =
      thrown instanceof Abandoned && changesEnvironment(call) ? interruptedCall(call, thrown) : thrown;
    // Stopped before anything was done: no error to tell about. What was found out until then, begun, or taken back, is told.
    if (stopped !== undefined && outcomeOf(error).exitCode < exitCodes.rolledBack) {
      const finished = answerIn(error);
      if (finished !== undefined) await hand({ text: `${finished.trimEnd()}\n` }, call, { places, terminal });
      else if (call.options.json) terminal.out(outcomeAsJson(stoppedOutcome(stopped)));
      terminal.notes.write(`${terminal.colours.yellow("stopped")}\n`);
      return stopped;
    }
    const answer = answerIn(error);
    if (answer === undefined) return tellError(error, terminal, call.options.json);
    await hand({ text: `${answer.trimEnd()}\n` }, call, { places, terminal });
    // Machines have what they asked for: the answer is the one document on stdout.
    return tellError(error, terminal, false);
  } finally {
    view.end();
    logging[Symbol.dispose]();
  }
}

function isReview({ definition, values, options }: FunctionCall): boolean {
  return definition.name === "migrations" && !options.json && (values["format"] ?? "text") === "text";
}

/** What a function answered although it did not end well. */
function answerIn(error: unknown): string | undefined {
  return isFairwayError(error) ? error.answer : undefined;
}

/** The answer goes to stdout, or to the file that was named. */
async function hand(
  { text, exportedTo, note }: CallAnswer,
  call: FunctionCall,
  { places, terminal }: Pick<RunFunctionContext, "places" | "terminal">,
): Promise<void> {
  const { out } = call.options;
  if (exportedTo !== undefined) terminal.notes.write(`written: ${exportedTo}\n`);
  else if (out === undefined) terminal.out(isReview(call) ? paintedReview(text, terminal.outColours) : text);
  else await writeAnswer(text, out, call, { places, terminal });
  if (note !== undefined && text !== "") terminal.notes.write(`${note}\n`);
}

/** To the file that was named; a plan is still shown to who has to read it. */
async function writeAnswer(
  text: string,
  out: string,
  call: FunctionCall,
  { places, terminal }: Pick<RunFunctionContext, "places" | "terminal">,
): Promise<void> {
  const { writeFile } = await import("node:fs/promises");
  await writeFile(resolve(places.workdir, out), text);
  const { definition, values, options } = call;
  if (definition.name === "plan" && !options.json && values["format"] === "json")
    terminal.out(await planAnswerText(text));
  terminal.notes.write(`written: ${out}\n`);
}

async function planAnswerText(answer: string): Promise<string> {
  const { planText } = await import("../../report/plan.ts");
  const { plan, hash, gates, evidence, needs } = JSON.parse(answer) as PlanAnswer;
  return `${planText(plan, hash, { gates, evidence, needs })}\n`;
}

function stoppedOutcome(exitCode: number): Outcome {
  return { code: "STOPPED", message: "stopped before it was done", exitCode, unexpected: false };
}
