import { expect, it } from "vitest";
import { noDependencies, nothingFound } from "../../src/cli/explain/scanner-answers.ts";
import { ofCargo, ofCycloneDx, ofPnpm, ofYarn } from "../../src/steps/scanners/licenses/listing.ts";
import { readReport, type ReportFormat } from "../../src/findings/findings.ts";

it.each(Object.entries(nothingFound))(
  "what %s is taken to write says that nothing was found",
  async (format, text) => {
    expect(await readReport(format as ReportFormat, text)).toEqual({ findings: [], problems: [] });
  },
);

it("what each package manager is taken to list is no dependency", () => {
  const readers = [ofPnpm, ofCycloneDx, ofYarn, ofCargo];
  expect(Object.values(noDependencies).map((text, index) => readers[index]?.(text))).toEqual([
    [],
    [],
    [],
    [],
  ]);
});
