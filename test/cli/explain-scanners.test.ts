import { expect, it } from "vitest";
import { nothingFound } from "../../src/cli/explain/scanner-answers.ts";
import { readReport, type ReportFormat } from "../../src/findings/findings.ts";

it.each(Object.entries(nothingFound))(
  "what %s is taken to write says that nothing was found",
  async (format, text) => {
    expect(await readReport(format as ReportFormat, text)).toEqual({ findings: [], problems: [] });
  },
);
