import { expect, it } from "vitest";
import { requireEvidence } from "../../../src/release/gates/gates.ts";
import { evidenceText } from "../../../src/report/outcome.ts";

const unsettled = {
  ...({ name: "codeql", verdict: "insufficient", durationMs: 0 } as const),
  ...{ summary: `could not be run:\n${"no such image ".repeat(40)}`, missing: "an engine that has it" },
};
const waiting = { subject: "the check", again: "npx fairway check" };

it("why something is held is said once: where the report says it, only the names are said beside it", () => {
  expect(() => {
    requireEvidence([unsettled], { ...waiting, answer: "the report" });
  }).toThrow("the check is held: codeql could not be settled. Nothing was changed.");
});

it("where there is no report it is said, on one line", () => {
  expect(() => {
    requireEvidence([unsettled], waiting);
  }).toThrow(/^the check is held: could not be run: no such image .*Nothing was changed\.$/);
});

it("a row of the overview stays a row, however long what is said is", () => {
  expect(evidenceText([unsettled]).length).toBeLessThan(200);
});
