import { z } from "zod";
import type { ToolReport } from "../../model/finding.ts";
import { longest } from "../limits.ts";
import { bounded, firstLine } from "../text.ts";
import { parseReport } from "./json.ts";
import { position, repositoryPath } from "./place.ts";

const leak = z.object({
  RuleID: z.string(),
  Description: z.string().nullish(),
  File: z.string(),
  StartLine: z.number().nullish(),
  EndLine: z.number().nullish(),
  Commit: z.string().nullish(),
});

/**
 * `gitleaks dir|git --report-format json`. Neither the secret nor the line that holds it is read.
 * @throws FairwayError FINDINGS_UNREADABLE (exit 1)
 */
export function readGitleaks(text: string): ToolReport {
  const findings = parseReport(text, z.array(leak), "gitleaks").map(
    ({ RuleID, Description, File, StartLine, EndLine, Commit }) => {
      const [line, endLine] = [position(StartLine), position(EndLine)];
      const title = firstLine(Description || RuleID);
      const history = Commit
        ? `; in the commit ${bounded(Commit, 40)}, also where it is gone from the files since`
        : "";
      return {
        ...({
          kind: "secret",
          severity: "high",
          tool: "gitleaks",
          rule: bounded(RuleID, longest.name),
          title,
        } as const),
        message: `${title}${history}`,
        locations: [
          {
            path: bounded(repositoryPath(File), longest.snippet),
            ...(line === undefined ? {} : { line }),
            ...(line === undefined || endLine === undefined || endLine === line ? {} : { endLine }),
          },
        ],
        ...({ aliases: [], weaknesses: [], verification: "unknown" } as const),
      };
    },
  );
  return { findings, problems: [] };
}
