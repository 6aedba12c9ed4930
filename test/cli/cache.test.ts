import { expect, it } from "vitest";
import { pruningOf } from "../../src/cli/host-commands/cache.ts";

const machine = { limitBytes: 20, nowMs: 10 * 86_400_000 };

it("the cache is only looked at where no pruning is asked for", () => {
  expect(pruningOf({}, machine)).toBeNull();
});

it("prune removes what is over the limit, all of it, or what was not used for so long", () => {
  expect(pruningOf({ action: "prune" }, machine)).toEqual({ maxBytes: 20 });
  expect(pruningOf({ action: "prune", all: true }, machine)).toEqual({ maxBytes: 0 });
  expect(pruningOf({ action: "prune", olderThan: "7d" }, machine)).toEqual({
    maxBytes: 0,
    unusedSinceMs: 3 * 86_400_000,
  });
});

it.each([{ action: "purge" }, { all: true }, { action: "prune", olderThan: "a week" }, { olderThan: "7d" }])(
  "%j is refused, with what can be typed",
  (values) => {
    expect(() => pruningOf(values, machine)).toThrow(
      expect.objectContaining({ code: "CACHE_USAGE", exitCode: 2, remedy: expect.stringContaining("prune") }),
    );
  },
);
