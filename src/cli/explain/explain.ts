import { dirname } from "node:path";
import { withHostCapabilities } from "../../model/host.ts";
import { scriptedEngine, type ScriptedEngine, type Trace } from "../../testing/testing.ts";
import type { HostCommandCall } from "../commands/invocation.ts";
import { kebabCase } from "../commands/words.ts";
import type { HostCommandContext } from "../host-commands/host-commands.ts";
import { outcomeOf } from "../outcome/outcome.ts";
import { consoleOnStderr } from "../run/console.ts";
import { perform } from "../run/function.ts";
import { projectOf } from "../run/project.ts";
import { connected, importSdk } from "../run/session.ts";
import { readAnswers } from "./answers.ts";
import { allOf, callsMeant, followsFromLedger, takePlan, unwritten } from "./calls.ts";
import { shown, type Explanation } from "./explanation.ts";
import { explainedHost } from "./host.ts";
import { offline } from "./offline.ts";
import { answerScanners } from "./scanner-answers.ts";
import { Seen } from "./seen.ts";
import { answerUsual } from "./usual-answers.ts";

/**
 * `fairway explain deploy --env staging`: the real function, on an engine that runs no step, with a registry in memory, the
 * ledger's file to read, and no target. Exit code 0 where something was seen; else the error that was in the way.
 */
export async function explain(
  host: HostCommandCall,
  { places, module, terminal }: HostCommandContext,
): Promise<number> {
  const { values } = host;
  const pipeline = await module();
  const calls = callsMeant(host, pipeline);
  const project = projectOf(host.call?.constructorValues["source"], places);
  const variables = { ...process.env };
  const seen = new Seen();
  await using engine = await scriptedEngine({
    ...{ workdir: project.repository, variables, otherwise: {}, assumesFiles: true, settleMs: 5 },
    start: new Date().toISOString(),
  });
  for (const { when, answer } of await readAnswers(values["answers"] as string | undefined, places.workdir))
    engine.on(when).answers(answer);
  answerScanners(engine, seen);
  answerUsual(engine, project.repository, seen);
  const sdk = await importSdk(pipeline);
  process.env["DAGGER_SESSION_PORT"] = String(engine.port);
  process.env["DAGGER_SESSION_TOKEN"] = engine.token;
  delete process.env["TRACEPARENT"];
  const guards = [offline(engine.port), consoleOnStderr()];
  let end: Pick<Explanation, "ended" | "why"> = { ended: "answered", why: null };
  try {
    const context = {
      ...{ dag: sdk.dag, workdir: places.workdir, variables },
      repository: pipeline.context ?? project.repository,
      moduleDirectory: dirname(pipeline.settingsFile),
    };
    const { clock, registry } = engine;
    const isAllOfIt = calls.some(followsFromLedger);
    const capabilities = explainedHost({ project, clock, registry, seen, isAllOfIt });
    const work = () =>
      allOf(
        calls.map(async (call) => {
          const { text } = await perform(unwritten(call), pipeline, undefined, context);
          takePlan(text, call, seen);
        }),
      );
    await withHostCapabilities(capabilities, () => connected(sdk, terminal.notes, work));
  } catch (error) {
    const isSeen = engine.trace.steps.length + engine.trace.effects.length + seen.looks.length > 0;
    if (!isSeen) throw error;
    end = stopped(error, seen, engine);
  } finally {
    for (const guard of guards) guard[Symbol.dispose]();
  }
  const name = host.call === undefined ? "check" : kebabCase(host.call.definition.name);
  const json = calls[0]?.options.json === true;
  const format = (values["format"] as string | undefined) ?? (json ? "json" : "tree");
  terminal.out(shown({ name, trace: engine.trace, seen, ...end }, format));
  for (const note of seen.notes) terminal.notes.write(`${note}\n`);
  for (const what of seen.assumed) terminal.notes.write(`not found out: ${what}\n`);
  if (end.why !== null) terminal.notes.write(`${end.why}\n`);
  return 0;
}

function stopped(error: unknown, seen: Seen, { trace }: ScriptedEngine): Pick<Explanation, "ended" | "why"> {
  if (seen.ending !== null && seen.plan !== null) return { ended: "planned", why: seen.ending };
  const why = seen.ending ?? outcomeOf(error).message;
  return { ended: "stopped", why: `it stops after ${pointOf(seen, trace)}: ${why}` };
}

/** Where a call came to, by what it did last. */
function pointOf({ plan, changes, images }: Seen, { steps, effects }: Trace): string {
  const last = changes.at(-1);
  if (plan !== null) return "its plan";
  if (last !== undefined) return `"${last}"`;
  if (images.length > 0 || effects.length > 0) return "its images";
  return steps.length > 0 ? `step ${String(steps.length)}` : "what it reads";
}
