import type { ScriptedEngine } from "./scripted-engine.ts";
import { differences, matcherText, type ExecMatcher } from "./matcher.ts";
import { stillRunning } from "./runs.ts";
import { requireMatcher } from "./well-formed.ts";
import type { RecordedStep } from "./trace/trace.ts";

/** What `expect.extend` of Vitest and of Jest takes. */
export interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

/** For `expect.extend(pipelineMatchers)`: what an engine has run, and in which order. */
export const pipelineMatchers = {
  /** A step that is meant has run; with `times`, so many. */
  toHaveRun(
    engine: ScriptedEngine,
    matcher: ExecMatcher,
    options: { readonly times?: number } = {},
  ): MatcherResult {
    const found = meant(engine, matcher).length;
    const pass = options.times === undefined ? found > 0 : found === options.times;
    const wanted = options.times === undefined ? "" : ` ${String(options.times)} times`;
    return result(pass, engine, `${matcherText(matcher)} has run${wanted}`, `it ran ${String(found)} times`);
  },
  /** Each of them was asked for when the one before it had been answered. */
  toHaveRunInOrder(engine: ScriptedEngine, ...matchers: readonly ExecMatcher[]): MatcherResult {
    let since = 0;
    for (const [index, matcher] of matchers.entries()) {
      const next = meant(engine, matcher)
        .filter(({ askedAt }) => index === 0 || askedAt >= since)
        .sort((a, b) => a.answeredAt - b.answeredAt)[0];
      if (next === undefined) {
        const before = index === 0 ? "" : ` after ${matcherText(matchers[index - 1] ?? "")}`;
        return result(
          false,
          engine,
          `they have run in this order`,
          `no ${matcherText(matcher)} ran${before}`,
        );
      }
      since = next.answeredAt;
    }
    return result(true, engine, "they have run in this order", "");
  },
  /** There was a moment at which all of them were under way. */
  toHaveRunInParallel(engine: ScriptedEngine, ...matchers: readonly ExecMatcher[]): MatcherResult {
    const each = matchers.map((matcher) => meant(engine, matcher));
    const moments = each.flat().map(({ askedAt }) => askedAt);
    const pass = moments.some((moment) =>
      each.every((steps) =>
        steps.some(({ askedAt, answeredAt }) => askedAt <= moment && moment < answeredAt),
      ),
    );
    const absent = matchers.filter((_, index) => each[index]?.length === 0);
    const why =
      absent.length === 0 ? "one waits for another" : `${absent.map(matcherText).join(", ")} never ran`;
    return result(pass, engine, `${matchers.map(matcherText).join(", ")} were under way at once`, why);
  },
};

/** For `interface Matchers<T> extends PipelineMatchers<T> {}` in `declare module "vitest"`. */
export interface PipelineMatchers<R> {
  toHaveRun(matcher: ExecMatcher, options?: { readonly times?: number }): R;
  toHaveRunInOrder(...matchers: readonly ExecMatcher[]): R;
  toHaveRunInParallel(...matchers: readonly ExecMatcher[]): R;
}

function meant({ steps }: ScriptedEngine, matcher: ExecMatcher): RecordedStep[] {
  requireMatcher(matcher);
  return steps.filter(({ exec }) => differences(matcher, exec).length === 0);
}

function result(pass: boolean, engine: ScriptedEngine, claim: string, why: string): MatcherResult {
  return {
    pass,
    message: () => {
      const expected = pass ? `expected not: ${claim}` : `expected: ${claim}; ${why}`;
      const early = engine.isRunning ? `\n${stillRunning}` : "";
      return `${expected}${early}\nwhat ran:\n${engine.traceText}`;
    },
  };
}
