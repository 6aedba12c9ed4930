import { expect, test } from "vitest";
import { duration, firstOf } from "../../src/report/text.ts";

test.each([
  [59_940, "59.9 s"],
  [59_960, "1 min 0 s"],
  [119_700, "2 min 0 s"],
  [125_400, "2 min 5 s"],
])("a duration of %i ms is %s", (milliseconds, text) => {
  expect(duration(milliseconds)).toBe(text);
});

test("names that are too many are counted", () => {
  expect(firstOf(["a", "b", "c"])).toBe("a, b, c");
  expect(firstOf(["a", "b", "c", "d", "e"])).toBe("a, b, c, +2 more");
});
