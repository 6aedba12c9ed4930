/** What a test runner said when it ended. */
export interface RunnerEnd {
  readonly tests: number;
  readonly failed: number;
}

interface Runner {
  readonly name: string;
  /** The last lines about tests, and about files of tests where it has one: counts with a word each, and how many they are together. */
  readonly tests: RegExp;
  readonly files: RegExp | null;
  /** Its exit code where tests failed: some have others for what else goes wrong, some have not. */
  readonly exitCode: number;
  /** What it says of what fails a run beside tests. */
  readonly others: readonly RegExp[];
}

/** What Vitest 4, Jest 30 and cargo-nextest 0.9 print. One that stopped early names fewer than there are. */
const runners: readonly Runner[] = [
  {
    ...{ name: "vitest", exitCode: 1 },
    tests: /^ +Tests {2}(?<counts>[^(\n]*)\((?<total>\d+)\)$/gm,
    files: /^ +Test Files {2}(?<counts>[^(\n]*)\((?<total>\d+)\)$/gm,
    others: [
      /^ +Errors {2}.*/m,
      /^ *Type Errors {2}(?!no errors).*/m,
      /ERROR: Coverage .*/,
      // What is set up or cleaned up for tests: those that it keeps from being run count as skipped.
      /Failed Suites \d+/,
      /^ +Snapshots {2}.*failed.*/m,
    ],
  },
  {
    ...{ name: "jest", exitCode: 1 },
    tests: /^Tests: +(?<counts>.*, )(?<total>\d+) total$/gm,
    files: /^Test Suites: +(?<counts>.*, )(?<total>\d+) total$/gm,
    others: [/^Jest: .*threshold.*/m, /^Snapshots: .*failed.*/m, /Test suite failed to run/],
  },
  {
    ...{ name: "nextest", exitCode: 100 },
    tests: /^ +Summary \[ *[\d.]+s\] (?<total>\d+) tests? run: (?<counts>[^\n]*?)(?:, \d+ skipped)?$/gm,
    files: null,
    others: [],
  },
];

const names = runners.map(({ name }) => name).join(", ");

/**
 * How a test runner ended that failed for its tests alone, by what it printed; else why that is not certain. A runner fails for more
 * than tests (an error outside of them, coverage, a stop at the first failure), which no report tells.
 */
export function runnerEnd(output: string, exitCode: number): RunnerEnd | { readonly unclear: string } {
  const [only, ...more] = runners.flatMap((runner) =>
    [...output.matchAll(runner.tests)].map((match) => ({ runner, match })),
  );
  if (only === undefined) return { unclear: `no summary of ${names} was printed` };
  if (more.length > 0) return { unclear: "more than one summary of a test runner was printed" };
  const { name, exitCode: usual, files, others } = only.runner;
  if (exitCode !== usual)
    return { unclear: `${name} ends with ${String(usual)} where tests fail, not with ${String(exitCode)}` };
  const other = others.map((one) => one.exec(output)?.[0].trim()).find((found) => found !== undefined);
  if (other !== undefined) return { unclear: `${name} says more than that tests failed: ${other}` };
  const ofFiles = files === null ? [] : [...output.matchAll(files)];
  if (files !== null && ofFiles.length !== 1) return { unclear: `${name} did not say how many files it ran` };
  if (![only.match, ...ofFiles].every(isWhole)) return { unclear: `${name} did not run everything` };
  return { tests: Number(only.match.groups?.["total"]), failed: countsOf(only.match).get("failed") ?? 0 };
}

function isWhole(match: RegExpExecArray): boolean {
  const sum = [...countsOf(match).values()].reduce((all, one) => all + one, 0);
  return sum === Number(match.groups?.["total"]);
}

/** `1 failed | 3 passed`, `1 failed, 3 passed (1 flaky)`: what stands in brackets is counted already. */
function countsOf({ groups }: RegExpExecArray): ReadonlyMap<string, number> {
  const text = (groups?.["counts"] ?? "").replace(/\([^)]*\)/g, "");
  return new Map(
    Array.from(text.matchAll(/(\d+) ([a-z]+)/g), ([, count, word = ""]) => [word, Number(count)]),
  );
}

/** One runner, alone: what would come after it is not run where it fails. */
const alone =
  /^(?:[A-Za-z_]\w*=[\w./:-]* )*(?:npx |pnpm exec |yarn )?(?:vitest|jest|cargo nextest|cargo-nextest)(?: [^;&|`$<>()\\\n]*)?$/;

/** Why a failed script may have left something out; null for one that is a test runner and nothing else. */
export function notAlone(scripts: Readonly<Record<string, string>>, script: string): string | null {
  if (Object.hasOwn(scripts, `post${script}`)) return `post${script} is not run after a failure`;
  if (alone.test((scripts[script] ?? "").trim())) return null;
  return `the script ${script} is not one test runner alone (${names})`;
}
