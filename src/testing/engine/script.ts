import type { ExecAnswer, ScriptedExec } from "../../engine/engine.ts";
import { failure } from "../../model/errors.ts";
import { differences, distance, matcherText, type ExecMatcher } from "./matcher.ts";
import { requireAnswer, requireMatcher } from "./well-formed.ts";

/** What a step is answered with: nothing said, and exit code 0, where nothing else is. */
export interface StepAnswer extends ExecAnswer {
  /** How long it takes, on the engine's virtual clock. @default 0 */
  readonly delayMs?: number;
}

export type StepAnswers = StepAnswer | ((step: ScriptedExec) => StepAnswer | Promise<StepAnswer>);

/** A step that is expected, and what it is answered with. */
export class Expectation {
  readonly matcher: ExecMatcher;
  #answers: StepAnswers = {};
  #times: number | undefined;
  #isOptional = false;
  #met = 0;

  constructor(matcher: ExecMatcher) {
    this.matcher = matcher;
  }

  /** @throws FairwayError ANSWER_WRONG (exit 2) where it says what no answer has */
  answers(answers: StepAnswers): this {
    this.#answers = typeof answers === "function" ? answers : requireAnswer(answers, this.matcher);
    return this;
  }

  /** No more often than this, and no less. @default once or more often */
  times(count: number): this {
    this.#times = count;
    return this;
  }

  /** It need not be asked for. */
  optional(): this {
    this.#isOptional = true;
    return this;
  }

  get isUsedUp(): boolean {
    return this.#times !== undefined && this.#met >= this.#times;
  }

  get met(): number {
    return this.#met;
  }

  async answer(step: ScriptedExec): Promise<StepAnswer> {
    this.#met++;
    return typeof this.#answers === "function"
      ? requireAnswer(await this.#answers(step), this.matcher)
      : this.#answers;
  }

  /** What is not as it was expected to be; undefined where all is. */
  shortfall(): string | undefined {
    if (this.#isOptional && this.#met === 0) return undefined;
    if (this.#times === undefined ? this.#met > 0 : this.#met === this.#times) return undefined;
    const wanted = this.#times === undefined ? "" : ` ${count(this.#times)}`;
    return `${matcherText(this.matcher)} was expected${wanted}, and ${this.#met === 0 ? "never ran" : `ran ${count(this.#met)}`}`;
  }
}

/** The expectations of one engine; the first that fits a step, and is not used up, answers it. */
export class Expectations {
  readonly #all: Expectation[] = [];
  readonly #otherwise: StepAnswers | undefined;
  readonly #refused: string[] = [];

  constructor(otherwise: StepAnswers | undefined) {
    this.#otherwise = otherwise;
  }

  on(matcher: ExecMatcher): Expectation {
    requireMatcher(matcher);
    const expectation = new Expectation(matcher);
    this.#all.push(expectation);
    return expectation;
  }

  async answer(step: ScriptedExec): Promise<StepAnswer> {
    const found = this.#all.find(
      (expectation) => !expectation.isUsedUp && differences(expectation.matcher, step).length === 0,
    );
    if (found !== undefined) return found.answer(step);
    if (this.#otherwise !== undefined)
      return typeof this.#otherwise === "function" ? this.#otherwise(step) : this.#otherwise;
    const message = refusal(step, this.#all);
    this.#refused.push(message);
    throw failure(message, { code: "STEP_UNEXPECTED", remedy: remedyFor(step) });
  }

  /**
   * @param whatRan told where something did not run
   * @throws FairwayError EXPECTATIONS_UNMET with all that was expected and did not run, and all that was refused
   */
  verify(whatRan: () => string): void {
    const shortfalls = this.#all.flatMap((expectation) => expectation.shortfall() ?? []);
    const ran = shortfalls.length === 0 ? [] : [`what ran:\n${whatRan()}`];
    const faults = [...shortfalls, ...this.#refused, ...ran];
    if (faults.length > 0) throw failure(faults.join("\n"), { code: "EXPECTATIONS_UNMET" });
  }
}

function refusal(step: ScriptedExec, expectations: readonly Expectation[]): string {
  const told = `the step \`${step.shownArgv.join(" ")}\` in ${step.image ?? "no image"} was not expected`;
  const ranked = expectations
    .map((expectation) => ({ expectation, far: distance(expectation.matcher, step) }))
    .sort((a, b) => a.far - b.far);
  const [nearest] = ranked;
  if (nearest === undefined) return `${told}: nothing is`;
  const { matcher, met } = nearest.expectation;
  const differs = differences(matcher, step);
  const why = differs.length === 0 ? [`it was expected ${count(met)}, and has run so often`] : differs;
  return [`${told}; the nearest that is: ${matcherText(matcher)}`, ...why.map((line) => `  ${line}`)].join(
    "\n",
  );
}

function remedyFor({ shownArgv }: ScriptedExec): string {
  return `if it is meant to run: engine.on(${JSON.stringify(shownArgv)}).answers({ stdout: "" })`;
}

function count(times: number): string {
  return times === 1 ? "once" : times === 0 ? "never" : `${String(times)} times`;
}
