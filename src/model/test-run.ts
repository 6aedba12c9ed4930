/** `flaky`: it failed, and passed when it was tried again in the same run. */
export const testOutcomes = ["passed", "flaky", "failed", "skipped"] as const;
export type TestOutcome = (typeof testOutcomes)[number];

/** One test of one run. */
export interface TestResult {
  /** The same in each run: file or package, suites and name, as `test/cart.test.ts > totals > adds up`. */
  readonly test: string;
  readonly outcome: TestOutcome;
  /** The file of the repository that it is in, where the report says so. */
  readonly file?: string;
}

/** What the reports of one run say. */
export interface TestRun {
  /** Sorted by test, each once. */
  readonly results: readonly TestResult[];
  /** As the reports count them, in which two tests may have one name. */
  readonly counted: { readonly tests: number; readonly failed: number };
  /** Names that several tests have: what is known of one may be about the other. */
  readonly shared: readonly string[];
  /** Why these may not be all results, a sentence each; empty where the reports are whole. */
  readonly problems: readonly string[];
}

/** What `check` says of the tests of a run; at most 500 of each. */
export interface TestsOfRun {
  readonly count: number;
  readonly failed: readonly string[];
  readonly flaky: readonly string[];
  /** How often the script was run: more than once where it was told to try again. */
  readonly tries: number;
  /** Those of which the ledger says that they do not always work. */
  readonly known: readonly TestStanding[];
}

/** A test that is not known to work: it fails, or sometimes does. */
export interface TestStanding {
  readonly check: string;
  /** `""` for the check as a whole, where nothing tells its tests. */
  readonly test: string;
  /** `flaky` failed and passed on the same commit; `broken` fails each time. */
  readonly is: "flaky" | "broken";
  /** It failed when it was last run. */
  readonly fails: boolean;
  /** Times that it was flaky in the last 30 days. */
  readonly flakyTimes: number;
  /** RFC 3339. */
  readonly lastFailed: string;
  /** Of one that was flaky too often: its failures count no more until the deadline passes. */
  readonly quarantine?: {
    readonly since: string;
    readonly until: string;
    readonly passed: boolean;
    /** Runs in a row without a failure. */
    readonly cleanRuns: number;
  };
  /** Who is to fix it; null where nobody is named, and then its failures count. */
  readonly owner: string | null;
}
