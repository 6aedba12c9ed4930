import { checkGithub } from "./github.ts";
import { checkGitlab } from "./gitlab.ts";
import { checkHtml } from "./html/html.ts";
import { checkJunit } from "./junit.ts";
import { checkMarkdown } from "./markdown.ts";
import type { CheckReport } from "./report.ts";
import { checkSarif } from "./sarif.ts";
import { checkJson, checkText } from "./text.ts";

export type { CheckReport } from "./report.ts";

const writers = {
  text: checkText,
  json: checkJson,
  sarif: checkSarif,
  junit: checkJunit,
  markdown: checkMarkdown,
  html: checkHtml,
  github: checkGithub,
  gitlab: checkGitlab,
} as const satisfies Record<string, (report: CheckReport) => string>;

export type CheckFormat = keyof typeof writers;

export const checkFormats = Object.keys(writers) as readonly CheckFormat[];

/** What a check found out, for people, machines or a host of code. */
export function checkReport(format: CheckFormat, report: CheckReport): string {
  return writers[format](report);
}
