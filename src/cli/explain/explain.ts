import { dirname } from "node:path";
import { withHostCapabilities } from "../../model/host.ts";
import { usageError } from "../../model/errors.ts";
import { scriptedEngine, type ScriptedEngine } from "../../testing/testing.ts";
import type { FunctionCall, HostCommandCall } from "../commands/invocation.ts";
import { kebabCase } from "../commands/words.ts";
import type { HostCommandContext } from "../host-commands/host-commands.ts";
import { outcomeOf } from "../outcome/outcome.ts";
import { consoleOnStderr } from "../run/console.ts";
import { perform } from "../run/function.ts";
import { projectOf } from "../run/project.ts";
import { connected, importSdk } from "../run/session.ts";
import { readAnswers } from "./answers.ts";
import { simulatedHost } from "./host.ts";
import { answerUsual } from "./usual-answers.ts";
import { offline } from "./offline.ts";

/** How a call that was only explained came to its end. */
interface End {
  readonly ended: "answered" | "stopped";
  readonly why: string | null;
}

/**
 * `fairway explain deploy --env staging`: the real function, on an engine that runs no step, with a ledger and a target
 * in memory. Exit code 0 where something was seen; else the error that was in the way.
 */
export async function explain(
  { call, values }: HostCommandCall,
  { places, module, terminal }: HostCommandContext,
): Promise<number> {
  if (call === undefined)
    throw usageError("explain needs a function", {
      code: "OPERAND_MISSING",
      remedy: "npx fairway explain check",
    });
  const pipeline = await module();
  const project = projectOf(call.constructorValues["source"], places);
  const variables = { ...process.env };
  await using engine = await scriptedEngine({
    ...{ workdir: project.repository, variables, otherwise: {}, assumesFiles: true, settleMs: 5 },
    start: new Date().toISOString(),
  });
  for (const { when, answer } of await readAnswers(values["answers"] as string | undefined, places.workdir))
    engine.on(when).answers(answer);
  answerUsual(engine, project.repository);
  const sdk = await importSdk(pipeline);
  process.env["DAGGER_SESSION_PORT"] = String(engine.port);
  process.env["DAGGER_SESSION_TOKEN"] = engine.token;
  delete process.env["TRACEPARENT"];
  const guards = [offline(engine.port), consoleOnStderr()];
  let end: End = { ended: "answered", why: null };
  try {
    const context = {
      ...{ dag: sdk.dag, workdir: places.workdir, variables },
      repository: pipeline.context ?? project.repository,
      moduleDirectory: dirname(pipeline.settingsFile),
    };
    // Nothing is written where --output says: it is not what would be answered.
    const unwritten = { ...call, options: { ...call.options, out: undefined } };
    const work = () => perform(unwritten, pipeline, undefined, context);
    await withHostCapabilities(simulatedHost(engine.clock), () => connected(sdk, terminal.notes, work));
  } catch (error) {
    if (engine.trace.steps.length === 0 && engine.trace.effects.length === 0) throw error;
    end = { ended: "stopped", why: outcomeOf(error).message };
  } finally {
    for (const guard of guards) guard[Symbol.dispose]();
  }
  terminal.out(shown(engine, call, end, String(values["format"])));
  if (end.why !== null) terminal.notes.write(`it cannot be told further without running steps: ${end.why}\n`);
  return 0;
}

function shown(engine: ScriptedEngine, call: FunctionCall, end: End, format: string): string {
  const name = kebabCase(call.definition.name);
  switch (format) {
    case "json":
      return `${JSON.stringify({ function: name, ...engine.trace, ...end }, null, 2)}\n`;
    case "mermaid":
      return engine.traceMermaid;
    default:
      return `${name}\n${engine.traceText}`;
  }
}
