import { randomUUID } from "node:crypto";
import type { Container, ReturnType } from "@dagger.io/dagger";
import { type Attempt, notAlone, readTestRun, wholeRun } from "../../../test-results/test-results.ts";
import { outputOf, stepFailure } from "../../step-failure.ts";
import { stopwatch } from "../../stopwatch.ts";
import { workspace } from "../../toolchains/toolchains.ts";
import type { CheckAnswer, CheckContext } from "../check.ts";
import { type ScriptSettings, scriptStep } from "./script-step.ts";
import { taskScope } from "./task-answer.ts";

/** A script, each time that it was run, to be judged by the results of its tests. */
export interface TestedRun {
  readonly attempts: readonly Attempt[];
  /** True where nothing ran: it passed before, and nothing changed. */
  readonly cached: boolean;
  /** Why a failure may have left something out; null for none. */
  readonly notAlone: string | null;
}

/** Spelled out: the client's values cannot be imported here. */
const any = "ANY" as unknown as ReturnType;

/** Runs a script of which the results are read, or that is tried again where it fails. */
export function testedScript(
  settings: ScriptSettings,
): (context: CheckContext) => Promise<CheckAnswer | TestedRun> {
  const { name, script, results, retries } = settings;
  return async (context) => {
    const { project, progress } = context;
    const scope = taskScope(context, script);
    if ("nothing" in scope) return scope.nothing;
    if (scope.about !== "") progress.note(`${name} is run${scope.about}`);
    const runner = await scriptStep(context, settings, scope.argv);
    const container = await withoutOldResults(runner.container, results);
    const step = (before: Container) => runner.step(before, { expect: any });
    const first = await run(container, step).catch(killed);
    const attempts = [await attemptOf(first, results)];
    while (attempts.at(-1)?.exitCode !== 0 && attempts.length <= retries) {
      const number = String(attempts.length + 1);
      progress.note(`${name} failed, and is run again: try ${number}`);
      const again = container.withEnvVariable("FAIRWAY_TRY", number);
      attempts.push(await attemptOf(await runAnew(again, step).catch(killed), results));
    }
    const cached = "cached" in first && first.cached;
    return { attempts, cached, notAlone: notAlone(project.toolchain.tasks, script) };
  };
}

/** Reports that lie in the source are of another run. */
async function withoutOldResults(container: Container, results: string | null): Promise<Container> {
  if (results === null) return container;
  const old = await container.directory(workspace).glob(results);
  return old.length === 0 ? container : container.withoutFiles(old.map((path) => `${workspace}/${path}`));
}

interface Ended {
  readonly step: Container;
  readonly cached: boolean;
}

type Step = (before: Container) => Container;

/** An engine also keeps the result of a step that may fail: a failure of before says nothing of a flaky test of now. */
async function run(container: Container, step: Step): Promise<Ended> {
  const watch = stopwatch();
  const ended = await step(container).sync();
  if (await watch.ran(ended)) return { step: ended, cached: false };
  if ((await ended.exitCode()) === 0) return { step: ended, cached: true };
  return runAnew(container, step);
}

async function runAnew(container: Container, step: Step): Promise<Ended> {
  const anew = container.withEnvVariable("FAIRWAY_RUN", randomUUID());
  return { step: await step(anew).sync(), cached: false };
}

/** Of a step that was killed an engine keeps no files. */
function killed(error: unknown): Attempt {
  const failed = stepFailure(error);
  if (failed === undefined) throw error;
  const problems = ["its step was killed, and left no results"];
  const run = { results: [], counted: { tests: 0, failed: 0 }, shared: [], problems };
  return { exitCode: failed.exitCode, output: outputOf(failed), run };
}

async function attemptOf(ended: Ended | Attempt, results: string | null): Promise<Attempt> {
  if (!("step" in ended)) return ended;
  const { step } = ended;
  const [exitCode, stdout, stderr] = await Promise.all([step.exitCode(), step.stdout(), step.stderr()]);
  const output = outputOf({ exitCode, stdout, stderr });
  if (results === null) return { exitCode, output, run: wholeRun(exitCode) };
  const directory = step.directory(workspace);
  const paths = (await directory.glob(results)).toSorted();
  if (paths.length > mostReports) {
    const problems = [`there are more than ${String(mostReports)} results at ${results}`];
    return { exitCode, output, run: { ...wholeRun(exitCode), results: [], problems } };
  }
  const files = await Promise.all(
    paths.map(async (path) => ({ path, text: await directory.file(path).contents() })),
  );
  return { exitCode, output, run: await readTestRun(files, results, workspace) };
}

const mostReports = 2_000;
