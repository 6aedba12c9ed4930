import type { Client } from "@dagger.io/dagger";
import { scriptedExecutor, startEngine, type ScriptedExec, type ScriptedImage } from "../../engine/engine.ts";
import type { Clock } from "../../model/clock.ts";
import { connectedTo } from "./connected.ts";
import type { ExecMatcher } from "./matcher.ts";
import { fakeRegistry, type FakeRegistry } from "./registry.ts";
import { Runs } from "./runs.ts";
import { Schedule } from "./schedule.ts";
import { Expectations, type Expectation, type StepAnswer, type StepAnswers } from "./script.ts";
import { Recorder, traceMermaid, traceText, type RecordedStep, type Trace } from "./trace/trace.ts";

export interface ScriptedEngineOptions {
  /** The directory that relative paths of `host` belong to. @default the process's */
  readonly workdir?: string;
  /** What `env:` secrets are read from. @default nothing */
  readonly variables?: Readonly<Record<string, string | undefined>>;
  /** What is in images, by reference. @default nothing */
  readonly images?: Readonly<Record<string, ScriptedImage>>;
  /** @default one of its own */
  readonly registry?: FakeRegistry;
  /** What steps that nobody expects are answered with. @default they are refused */
  readonly otherwise?: StepAnswers;
  /**
   * True where a path that nobody gave is taken to be in an image, or to be left by a step, and to be empty.
   * @default false: it is missing
   */
  readonly assumesFiles?: boolean;
  /** When the virtual clock begins, RFC 3339. */
  readonly start?: string;
  /**
   * Real milliseconds in which no further step is asked for, before those that are under way are answered: for a
   * pipeline that reads files or waits for a network between its steps. @default 0
   */
  readonly settleMs?: number;
}

/** An engine that runs no program: see `scriptedEngine`. */
export interface ScriptedEngine extends AsyncDisposable {
  /** Expects a step; `.answers(...)` says with what it is answered. */
  on(matcher: ExecMatcher): Expectation;
  /**
   * Runs `work` with the unmodified client: as its argument, and as `dag` of `@dagger.io/dagger`.
   *
   * @throws FairwayError NOT_AWAITED where it asks for a step when it has ended
   */
  run<T>(work: (dag: Client) => Promise<T>): Promise<T>;
  /** True from a call of `run` to its end. */
  readonly isRunning: boolean;
  /** For clients of other processes: DAGGER_SESSION_PORT and DAGGER_SESSION_TOKEN. */
  readonly port: number;
  readonly token: string;
  /** What was asked for so far. */
  readonly trace: Trace;
  readonly traceText: string;
  readonly traceMermaid: string;
  /** Files that would have been written to this machine, by the path of the export, then by their own. */
  readonly exports: ReadonlyMap<string, Readonly<Record<string, string>>>;
  readonly registry: FakeRegistry;
  /** On which steps take their time; no time passes while the pipeline asks for more. */
  readonly clock: Clock;
  /** Steps as they were asked for and answered, for matchers. */
  readonly steps: readonly RecordedStep[];
  /** @throws FairwayError NOT_AWAITED while a run is under way; EXPECTATIONS_UNMET where a step that was expected did not run, or one was refused */
  verify(): void;
  close(): Promise<void>;
}

/**
 * An engine that answers steps from a script, to the unmodified client over its own wire: no program is run, no image
 * is pulled, and nothing is written. A step that nobody expects is refused.
 */
export async function scriptedEngine(options: ScriptedEngineOptions = {}): Promise<ScriptedEngine> {
  const { workdir = process.cwd(), variables = {}, images = {}, registry = fakeRegistry() } = options;
  const schedule = new Schedule(options.start ?? "2026-03-02T09:00:00.000Z", options.settleMs ?? 0);
  const expectations = new Expectations(options.otherwise);
  const recorder = new Recorder();
  const exec = async (asked: ScriptedExec): Promise<StepAnswer> => {
    const step: RecordedStep = { exec: asked, askedAt: schedule.moment, answeredAt: Infinity };
    recorder.steps.push(step);
    try {
      const answer = await expectations.answer(asked);
      step.leftFiles = Object.keys(answer.files ?? {}).length > 0;
      await schedule.sleep(answer.delayMs ?? 0);
      return answer;
    } finally {
      step.answeredAt = schedule.moment;
    }
  };
  const executor = scriptedExecutor({
    ...{ exec, registry: registry.images, assumesFiles: options.assumesFiles === true },
    image: (reference) => images[reference],
    onEffect: (effect) => recorder.effects.push(effect),
  });
  const session = await startEngine({ executor, workdir, variables, onEvent: () => undefined });
  const runs = new Runs(recorder);
  let closing: Promise<void> | undefined;
  const close = () => (closing ??= session.close());
  return {
    ...{ port: session.port, token: session.token },
    on: (matcher) => expectations.on(matcher),
    run: (work) => runs.run(() => connectedTo(session, (dag) => runs.awaited(() => work(dag)))),
    get isRunning() {
      return runs.isRunning;
    },
    get trace() {
      return recorder.trace();
    },
    get traceText() {
      return traceText(recorder.trace());
    },
    get traceMermaid() {
      return traceMermaid(recorder.trace());
    },
    get exports() {
      return exportsOf(recorder);
    },
    ...{ registry, clock: schedule, steps: recorder.steps, close, [Symbol.asyncDispose]: close },
    verify: () => {
      runs.requireEnded();
      expectations.verify(() => traceText(recorder.trace()));
    },
  };
}

function exportsOf({ effects }: Recorder): ReadonlyMap<string, Readonly<Record<string, string>>> {
  return new Map(
    effects.flatMap((effect) => {
      if (effect.kind !== "export") return [];
      const files = Object.entries(effect.files).map(([path, bytes]) => [path, bytes.toString()] as const);
      return [[effect.path, Object.fromEntries(files)] as const];
    }),
  );
}
