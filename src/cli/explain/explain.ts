import { dirname } from "node:path";
import { withHostCapabilities } from "../../model/host.ts";
import { knownNames } from "../../config/config.ts";
import { usageError } from "../../model/errors.ts";
import { scriptedEngine, type ScriptedEngine } from "../../testing/testing.ts";
import type { FunctionCall, HostCommandCall } from "../commands/invocation.ts";
import { kebabCase } from "../commands/words.ts";
import type { HostCommandContext } from "../host-commands/host-commands.ts";
import { callOf, markedFunctions } from "../host-commands/marked.ts";
import { mainObject } from "../module/manifest.ts";
import type { PipelineModule } from "../module/module.ts";
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
  host: HostCommandCall,
  { places, module, terminal }: HostCommandContext,
): Promise<number> {
  const { values } = host;
  const pipeline = await module();
  const calls = host.call === undefined ? checksMeant(host, pipeline) : [host.call];
  const project = projectOf(host.call?.constructorValues["source"], places);
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
    const unwritten = calls.map((one) => ({ ...one, options: { ...one.options, out: undefined } }));
    const work = () => allOf(unwritten.map((one) => perform(one, pipeline, undefined, context)));
    await withHostCapabilities(simulatedHost(engine.clock), () => connected(sdk, terminal.notes, work));
  } catch (error) {
    if (engine.trace.steps.length === 0 && engine.trace.effects.length === 0) throw error;
    end = { ended: "stopped", why: outcomeOf(error).message };
  } finally {
    for (const guard of guards) guard[Symbol.dispose]();
  }
  const [first] = calls;
  const name = host.call === undefined ? "check" : kebabCase(host.call.definition.name);
  const json = first?.options.json === true;
  terminal.out(
    shown(engine, name, end, (values["format"] as string | undefined) ?? (json ? "json" : "tree")),
  );
  if (end.why !== null) terminal.notes.write(`it cannot be told further without running steps: ${end.why}\n`);
  return 0;
}

/** `explain check` of a module without a function of that name: its functions with @check, as `check` runs them. */
function checksMeant(host: HostCommandCall, module: PipelineModule): readonly FunctionCall[] {
  const word = host.values["function"] as string;
  const checks = markedFunctions(module, ({ isCheck }) => isCheck);
  if (word === "check" && checks.length > 0) return checks.map((one) => callOf(one, host));
  const names = mainObject(module.manifest).functions.map(({ name }) => kebabCase(name));
  throw usageError(`there is no function ${word}`, {
    code: "COMMAND_UNKNOWN",
    remedy: `${knownNames(word, names)}\nnpx fairway functions`,
  });
}

/** Each to its end, then the first failure: what runs side by side is seen whole. */
async function allOf(calls: readonly Promise<unknown>[]): Promise<void> {
  const ends = await Promise.allSettled(calls);
  const failed = ends.find(({ status }) => status === "rejected");
  if (failed?.status === "rejected") throw failed.reason;
}

function shown(engine: ScriptedEngine, name: string, end: End, format: string): string {
  switch (format) {
    case "json":
      return `${JSON.stringify({ function: name, ...engine.trace, ...end }, null, 2)}\n`;
    case "mermaid":
      return engine.traceMermaid;
    default:
      return engine.steps.length === 0 && engine.trace.effects.length === 0
        ? `${name}\nruns no step\n`
        : `${name}\n${engine.traceText}`;
  }
}
