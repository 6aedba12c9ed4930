import { describe, expect, it } from "vitest";
import { checkFormats, checkReport } from "../../../src/report/checks/checks.ts";
import { outsideOfCode } from "../../support/outside-of-code.ts";
import { sarifErrors } from "../../support/sarif-schema.ts";
import { xmlFault } from "../../support/xml.ts";
import { hostileReport } from "./reports.ts";

const report = hostileReport();
const written = new Map(checkFormats.map((format) => [format, checkReport(format, report)]));
const as = (format: (typeof checkFormats)[number]) => written.get(format) ?? "";

describe("whatever a tool says,", () => {
  it.each(checkFormats)("no character of it commands a terminal that shows %s", (format) => {
    // Line breaks of the report's own are the only control characters; a lone surrogate would be one, too.
    expect(as(format).match(/[^\n\P{Cc}]|[\p{Cf}\p{Cs}]/gu)).toBeNull();
  });

  it("nothing of it is markup of the page, and an address that is no page is no link", () => {
    const page = as("html");
    expect(page).toContain("&#60;script&#62;alert(1)");
    expect(page.match(/<script>/g)).toHaveLength(1);
    expect(page.match(/<\/style>/g)).toHaveLength(1);
    expect(page).not.toMatch(/<img|href="javascript/i);
  });

  it("nothing of it is Markdown, and it fits into a comment", () => {
    const markdown = as("markdown");
    expect(markdown.length).toBeLessThan(65_536);
    expect(outsideOfCode(markdown)).not.toMatch(/[<>@[\]*]|https?:|(?<!&)#1|`/);
    const rows = markdown.split("\n").filter((line) => line.startsWith("| "));
    expect(rows.length).toBeGreaterThan(4);
    for (const row of rows) expect(row.split(" | ")).toHaveLength(4);
  });

  it("only annotations command the runner, one a line, and each ends where it should", () => {
    const lines = as("github").split("\n");
    const commands = lines.filter((line) => /^\s*::|##\[/.test(line));
    expect(commands.map((line) => /^::(\w+) /.exec(line)?.[1])).toEqual([
      "error",
      "error",
      "error",
      "warning",
    ]);
    for (const line of commands) {
      const [, properties = ""] = /^::\w+ (.*?)::/.exec(line) ?? [];
      for (const property of properties.split(","))
        expect(property).toMatch(/^(file|line|endLine|title)=[^:,]*$/);
      expect(line.length).toBeLessThan(20_000);
    }
  });

  it("test reports are well-formed, code scanning and code quality valid", () => {
    expect(xmlFault(as("junit"))).toBeUndefined();
    expect(as("junit").length).toBeLessThan(1_000_000);
    expect(sarifErrors(as("sarif"))).toBeNull();
    expect(JSON.parse(as("gitlab"))).toHaveLength(4);
  });

  it("the JSON says it all, as it was", () => {
    expect(JSON.parse(as("json"))).toEqual(report.evidence);
  });
});
