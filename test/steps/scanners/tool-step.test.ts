import { expect, it } from "vitest";
import { agreed } from "../../../src/steps/scanners/tool-step.ts";
import { toolFinding } from "../../findings/examples.ts";

it("a tool that ends as if it had found something, and reports nothing, has not looked at everything", () => {
  expect(agreed({ findings: [], problems: [] }, 1)).toEqual({
    findings: [],
    problems: ["it ended with exit code 1, and its report has nothing"],
  });
});

it.each([
  ["found nothing", { findings: [], problems: [] }, 0],
  ["found something", { findings: [toolFinding()], problems: [] }, 1],
  ["says itself what was wrong", { findings: [], problems: ["no database"] }, 1],
])("a tool that %s is taken by its word", (_, report, code) => {
  expect(agreed(report, code)).toEqual(report);
});
