import { bounded, placesOf } from "../../findings/findings.ts";
import type { Evidence } from "../../model/evidence.ts";
import type { JudgedFinding } from "../../model/finding.ts";
import { visibleLines } from "../../model/visible.ts";
import { isTheFindings, type CheckReport } from "./report.ts";

/** So many cases of a suite are told one by one. */
const mostCases = 1_000;
const longest = 20_000;

/**
 * A suite for each check, as CI hosts show test results. A finding that blocks is a failed case of its own; a check that was not
 * settled is an error, never skipped.
 */
export function checkJunit({ evidence }: CheckReport): string {
  const suites = evidence.map(suiteOf);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element("testsuites", { name: "fairway check", ...countsOf(suites.flatMap(({ cases }) => cases)) }, suites.map(({ xml }) => xml).join(""))}`;
}

type Kind = "failure" | "error" | "passed";
interface Case {
  readonly kind: Kind;
  readonly xml: string;
}

function suiteOf(evidence: Evidence): { readonly cases: readonly Case[]; readonly xml: string } {
  const { name, durationMs } = evidence;
  const cases = casesOf(evidence);
  const attributes = { name, ...countsOf(cases), time: (durationMs / 1000).toFixed(3) };
  return { cases, xml: element("testsuite", attributes, cases.map(({ xml }) => xml).join("")) };
}

function casesOf(evidence: Evidence): Case[] {
  const blocking = (evidence.findings ?? []).filter(({ treatment }) => treatment === "block");
  const found = blocking.slice(0, mostCases).map((finding) => caseOfFinding(evidence.name, finding));
  const more = blocking.length - found.length;
  if (!isTheFindings(evidence)) return [caseOf(evidence), ...found];
  if (more === 0) return found;
  const summary = `${String(more)} more findings that block`;
  return [...found, testCase(evidence.name, summary, { kind: "failure", message: summary, text: "" })];
}

function caseOf(evidence: Evidence): Case {
  const { name, summary, verdict, details = "" } = evidence;
  switch (verdict) {
    case "pass":
      return testCase(name, name, null);
    case "fail":
      return testCase(name, name, {
        ...{ kind: "failure", message: summary },
        text: `${details}\n\n${evidence.repeat}`,
      });
    case "insufficient":
      return testCase(name, name, {
        ...{ kind: "error", message: summary },
        text: `${details}\n\nmissing: ${evidence.missing}`.trim(),
      });
  }
}

function caseOfFinding(check: string, finding: JudgedFinding): Case {
  const { rule, severity, title, message, locations } = finding;
  const [where] = placesOf(finding, 1);
  const name = where === undefined ? rule : `${rule} at ${where}`;
  const [place] = locations;
  const attributes = {
    ...(place === undefined ? {} : { file: place.path }),
    ...(place?.line === undefined ? {} : { line: String(place.line) }),
  };
  const end = { kind: "failure", message: `${severity}: ${title}`, text: message } as const;
  return testCase(check, name, end, attributes);
}

function testCase(
  suite: string,
  name: string,
  end: { readonly kind: "failure" | "error"; readonly message: string; readonly text: string } | null,
  place: Readonly<Record<string, string>> = {},
): Case {
  const attributes = { classname: suite, name, ...place };
  if (end === null) return { kind: "passed", xml: element("testcase", attributes, "") };
  const { kind, message, text } = end;
  return { kind, xml: element("testcase", attributes, element(kind, { message, type: kind }, words(text))) };
}

function countsOf(cases: readonly Case[]) {
  const count = (kind: Kind) => String(cases.filter((one) => one.kind === kind).length);
  return { tests: String(cases.length), failures: count("failure"), errors: count("error"), skipped: "0" };
}

/** @param content XML already */
function element(name: string, attributes: Readonly<Record<string, string>>, content: string): string {
  const list = Object.entries(attributes).map(([key, value]) => ` ${key}="${words(bounded(value, 1_000))}"`);
  return `<${name}${list.join("")}>${content}</${name}>\n`;
}

/** Text of anybody: what is no character of XML 1.0 is shown by its number, and nothing ends its element. */
function words(text: string): string {
  return visibleLines(bounded(text, longest))
    .replace(/[\uFFFE\uFFFF]/g, "?")
    .replace(/[&<>"'\n]/g, (one) => `&#${String(one.charCodeAt(0))};`);
}
