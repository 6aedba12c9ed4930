import { z } from "zod";
import { failure } from "../../model/errors.ts";
import type { Json } from "../../model/canonical-json.ts";
import type { LedgerEvent } from "../../model/ledger.ts";

export const testsRan = "tests-ran";

/** What is written down of one run: the tests that are not known to work. */
export interface TestsRan {
  readonly check: string;
  /** The commit, or what stands for a working tree that differs from it: the same only for the same source. */
  readonly version: string;
  readonly tests: readonly {
    readonly test: string;
    readonly outcome: "passed" | "flaky" | "failed";
    readonly file?: string | undefined;
  }[];
  /** How many more failed than are named. */
  readonly more: number;
}

export interface RememberedRun extends TestsRan {
  /** RFC 3339. */
  readonly at: string;
}

const text = z.string().max(2_000);
const payloadSchema = z.object({
  check: text,
  version: text,
  tests: z.array(
    z.object({ test: text, outcome: z.enum(["passed", "flaky", "failed"]), file: text.optional() }),
  ),
  more: z.number(),
});

/** @throws FairwayError TESTS_UNREADABLE (exit 1) for an event that no Fairway wrote */
export function rememberedRuns(events: readonly LedgerEvent[]): readonly RememberedRun[] {
  return events
    .filter(({ type }) => type === testsRan)
    .map(({ payload, sequence, at }) => {
      const read = payloadSchema.safeParse(payload);
      if (read.success) return { ...read.data, at };
      throw failure(`event ${String(sequence)} of the ledger does not say which tests ran`, {
        code: "TESTS_UNREADABLE",
        remedy:
          "Run the version of Fairway that wrote it, and compare the ledger with a copy: fairway verify",
      });
    });
}

export function testsPayload(ran: TestsRan): Json {
  return ran as unknown as Json;
}
