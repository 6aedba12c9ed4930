import { z } from "zod";
import type { Location, ToolFinding, ToolReport } from "../../model/finding.ts";
import { longest } from "../limits.ts";
import { severityOfWord } from "../severity.ts";
import { bounded, firstLine } from "../text.ts";
import { vulnerabilityOf } from "./advisory.ts";
import { parseReport } from "./json.ts";
import { position, repositoryPath } from "./place.ts";

const tool = "trivy";

/**
 * `trivy fs|image|config --format json`. A severity that Trivy itself calls unknown is high until somebody says otherwise.
 * @param image the service whose image was looked at; absent for files
 * @throws FairwayError FINDINGS_UNREADABLE (exit 1)
 */
export function readTrivy(text: string, image?: string): ToolReport {
  const { Results } = parseReport(text, report, tool);
  return { findings: (Results ?? []).flatMap((result) => findingsOf(result, image)), problems: [] };
}

const text = z.string();
const common = { Severity: text.nullish(), Title: text.nullish(), PrimaryURL: text.nullish() };
const vulnerability = z.object({
  ...common,
  VulnerabilityID: text,
  PkgName: text,
  PkgPath: text.nullish(),
  InstalledVersion: text.nullish(),
  FixedVersion: text.nullish(),
  Description: text.nullish(),
  CweIDs: z.array(text).nullish(),
  VendorIDs: z.array(text).nullish(),
});
const lines = { StartLine: z.number().nullish(), EndLine: z.number().nullish() };
const misconfiguration = z.object({
  ...common,
  ID: text,
  Message: text.nullish(),
  Description: text.nullish(),
  Resolution: text.nullish(),
  Status: text.nullish(),
  CauseMetadata: z.object(lines).nullish(),
});
const secret = z.object({ ...common, ...lines, RuleID: text });
const license = z.object({
  ...common,
  Name: text,
  PkgName: text.nullish(),
  FilePath: text.nullish(),
  Link: text.nullish(),
});
const result = z.object({
  Target: text,
  Type: text.nullish(),
  Vulnerabilities: z.array(vulnerability).nullish(),
  Misconfigurations: z.array(misconfiguration).nullish(),
  Secrets: z.array(secret).nullish(),
  Licenses: z.array(license).nullish(),
});
interface Lines {
  readonly StartLine?: number | null | undefined;
  readonly EndLine?: number | null | undefined;
}

const report = z.object({ SchemaVersion: z.literal(2), Results: z.array(result).nullish() });

function findingsOf(found: z.infer<typeof result>, image: string | undefined): ToolFinding[] {
  const { Vulnerabilities, Misconfigurations, Secrets, Licenses } = found;
  const at = (path: string, place: Lines = {}) => [locationOf(path, place, image)];
  return [
    ...(Vulnerabilities ?? []).map((entry) => vulnerable(entry, found, image)),
    ...(Misconfigurations ?? [])
      .filter(({ Status }) => Status !== "PASS" && Status !== "EXCEPTION")
      .map((entry) =>
        described("configuration", entry.ID, entry, at(found.Target, entry.CauseMetadata ?? {}), [
          entry.Message ?? entry.Description ?? "",
          entry.Resolution ?? "",
        ]),
      ),
    ...(Secrets ?? []).map((entry) => described("secret", entry.RuleID, entry, at(found.Target, entry), [])),
    ...(Licenses ?? []).map((entry) => ({
      ...described(
        "license",
        entry.Name,
        { ...entry, PrimaryURL: entry.Link },
        at(entry.FilePath || found.Target),
        [],
      ),
      ...packageOf(entry.PkgName, found.Type),
    })),
  ];
}

function vulnerable(
  entry: z.infer<typeof vulnerability>,
  { Target, Type }: z.infer<typeof result>,
  image?: string,
): ToolFinding {
  const fixed = (entry.FixedVersion ?? "").split(",").map((version) => version.trim());
  return vulnerabilityOf({
    tool,
    id: entry.VulnerabilityID,
    aliases: entry.VendorIDs ?? [],
    ...{
      title: entry.Title,
      message: entry.Description,
      severity: severityOf(entry.Severity),
      url: entry.PrimaryURL,
    },
    ...{ weaknesses: entry.CweIDs ?? [], ecosystem: Type ?? "", name: entry.PkgName },
    ...{ versions: [entry.InstalledVersion ?? ""], fixed, path: repositoryPath(entry.PkgPath || Target) },
    ...(image === undefined ? {} : { image }),
  });
}

function described(
  kind: ToolFinding["kind"],
  rule: string,
  { Severity, Title, PrimaryURL }: { readonly [Key in keyof typeof common]?: string | null | undefined },
  locations: readonly Location[],
  words: readonly string[],
): ToolFinding {
  const title = firstLine(Title ?? rule);
  const message = words.filter((part) => part !== "").join("\n");
  const help =
    PrimaryURL !== null && PrimaryURL !== undefined && /^https?:\/\//i.test(PrimaryURL) ? PrimaryURL : null;
  return {
    ...{ kind, severity: severityOf(Severity), rule: bounded(rule, longest.name), title, tool, locations },
    message: bounded(message === "" ? title : message, longest.message),
    ...{ aliases: [], weaknesses: [] },
    ...(help === null ? {} : { help: bounded(help, longest.snippet) }),
  };
}

function packageOf(
  name: string | null | undefined,
  type: string | null | undefined,
): Pick<ToolFinding, "package"> {
  if (name === null || name === undefined || name === "") return {};
  const { package: affected } = vulnerabilityOf({
    tool,
    id: "",
    severity: "info",
    ecosystem: type ?? "",
    name,
  });
  return affected === undefined ? {} : { package: affected };
}

function locationOf(path: string, { StartLine, EndLine }: Lines, image?: string): Location {
  const [line, endLine] = [position(StartLine), position(EndLine)];
  return {
    path: bounded(repositoryPath(path), longest.snippet),
    ...(image === undefined ? {} : { image }),
    ...(line === undefined ? {} : { line }),
    ...(endLine === undefined ? {} : { endLine }),
  };
}

function severityOf(word: string | null | undefined): ToolFinding["severity"] {
  return severityOfWord(word ?? "") ?? "high";
}
