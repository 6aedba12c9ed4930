import fc from "fast-check";
import { expect, test } from "vitest";
import { createSearch } from "../../../src/steps/images/policy/search.ts";

test("finds what a plain search finds, however the stream is cut", () => {
  // Few letters, so that needles overlap and nearly match.
  const letters = fc.string({ unit: fc.constantFrom("a", "b", "c") });
  const needle = fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 2, maxLength: 9 });
  fc.assert(
    fc.property(
      fc.uniqueArray(needle, { minLength: 1, maxLength: 6 }),
      fc.array(letters, { maxLength: 8 }),
      (needles, chunks) => {
        const search = createSearch(needles.map((text) => ({ text, bytes: Buffer.from(text) })))();
        for (const chunk of chunks) search.write(Buffer.from(chunk));
        const expected = needles.filter((text) => chunks.join("").includes(text));
        expect([...search.found].map(({ text }) => text).sort()).toEqual(expected.sort());
      },
    ),
    { numRuns: 500 },
  );
});

test("each search starts anew", () => {
  const create = createSearch([{ bytes: Buffer.from("needle") }]);
  const first = create();
  first.write(Buffer.from("need"));
  const second = create();
  second.write(Buffer.from("le"));
  expect([first.found.size, second.found.size]).toEqual([0, 0]);
});

test("without needles nothing is found", () => {
  const search = createSearch([])();
  search.write(Buffer.from("anything"));
  expect(search.found.size).toBe(0);
});
