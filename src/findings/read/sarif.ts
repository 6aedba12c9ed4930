import { z } from "zod";
import {
  type FindingKind,
  type Location,
  type Severity,
  type ToolFinding,
  type ToolReport,
  type ToolSuppression,
} from "../../model/finding.ts";
import { longest } from "../limits.ts";
import { severityOfScore } from "../severity.ts";
import { bounded, firstLine, vulnerabilityIds, weaknessIds } from "../text.ts";
import { parsePart, parseReport } from "./json.ts";
import { position, repositoryPath } from "./place.ts";
import type { OwnProperties } from "../write/sarif.ts";
import { ownTool } from "../write/sarif-log.ts";
import { ownProperties } from "./sarif-own.ts";

export interface SarifOptions {
  /** What the tool looks for, where its results do not say. @default by the names of its rules */
  readonly kind?: FindingKind;
}

/**
 * Static Analysis Results Interchange Format 2.1.0, of any tool and of several runs. A result that its tool calls passed,
 * not applicable or absent is none; one that the source or the tool suppresses is kept, and says so.
 * @throws FairwayError FINDINGS_UNREADABLE (exit 1)
 */
export function readSarif(text: string, tool: string, options: SarifOptions = {}): ToolReport {
  const { runs } = parseReport(text, log, tool);
  return {
    findings: runs.flatMap((run, at) => findingsOf(run, tool, options, ["runs", at, "results"])),
    problems: runs.length === 0 ? ["it says of no tool that it was run"] : runs.flatMap(problemsOf),
  };
}

const message = z.object({
  text: z.string().optional(),
  markdown: z.string().optional(),
  id: z.string().optional(),
  arguments: z.array(z.string()).optional(),
});
const level = z.enum(["none", "note", "warning", "error"]);
const properties = z.record(z.string(), z.unknown()).optional();
const rule = z.object({
  id: z.string(),
  name: z.string().optional(),
  shortDescription: message.optional(),
  fullDescription: message.optional(),
  helpUri: z.string().optional(),
  messageStrings: z.record(z.string(), message).optional(),
  defaultConfiguration: z.object({ level: level.optional() }).optional(),
  properties,
});
const component = z.object({
  name: z.string(),
  version: z.string().optional(),
  semanticVersion: z.string().optional(),
  rules: z.array(rule).nullish(),
});
const artifact = z.object({ uri: z.string().optional(), index: z.number().optional() });
const region = z.object({
  startLine: z.number().nullish(),
  startColumn: z.number().nullish(),
  endLine: z.number().nullish(),
  endColumn: z.number().nullish(),
  snippet: message.optional(),
});
const location = z.object({
  physicalLocation: z.object({ artifactLocation: artifact.optional(), region: region.optional() }).optional(),
});
const result = z.object({
  ruleId: z.string().optional(),
  ruleIndex: z.number().optional(),
  rule: z
    .object({
      id: z.string().optional(),
      index: z.number().optional(),
      toolComponent: z.object({ index: z.number().optional(), name: z.string().optional() }).optional(),
    })
    .optional(),
  level: level.optional(),
  kind: z.string().optional(),
  baselineState: z.string().optional(),
  message: message,
  locations: z.array(location).nullish(),
  partialFingerprints: z.record(z.string(), z.string()).nullish(),
  fingerprints: z.record(z.string(), z.string()).nullish(),
  suppressions: z
    .array(
      z.object({ kind: z.string(), status: z.string().optional(), justification: z.string().optional() }),
    )
    .nullish(),
  properties,
});
const notification = z.object({ level: level.optional(), message });
const run = z.object({
  tool: z.object({ driver: component, extensions: z.array(component).nullish() }),
  artifacts: z.array(z.object({ location: artifact.optional() })).nullish(),
  invocations: z
    .array(
      z.object({
        executionSuccessful: z.boolean().optional(),
        exitCodeDescription: z.string().optional(),
        toolExecutionNotifications: z.array(notification).nullish(),
        toolConfigurationNotifications: z.array(notification).nullish(),
      }),
    )
    .nullish(),
  // Read one by one: there may be very many.
  results: z.array(z.unknown()).nullish(),
  externalPropertyFileReferences: z.object({ results: z.array(z.unknown()).nullish() }).nullish(),
});
const log = z.object({
  version: z.literal("2.1.0", { error: "must be 2.1.0, the version of SARIF that is read" }),
  runs: z.array(run),
});

type Run = z.infer<typeof run>;
type Rule = z.infer<typeof rule>;
type Result = z.infer<typeof result>;

/** Results of these kinds say that there is nothing: https://docs.oasis-open.org/sarif/sarif/v2.1.0/ 3.27.9 */
const nothing: ReadonlySet<string> = new Set(["pass", "notApplicable", "informational"]);

function findingsOf(
  run: Run,
  asked: string,
  options: SarifOptions,
  place: readonly PropertyKey[],
): ToolFinding[] {
  const { driver } = run.tool;
  const version = driver.semanticVersion ?? driver.version;
  const tool = bounded(driver.name === "" ? asked : driver.name, longest.name);
  const ruleOf = rulesOf(run);
  return (run.results ?? []).flatMap((value, at) => {
    const read = parsePart(value, result, asked, [...place, at]);
    if (nothing.has(read.kind ?? "fail") || read.baselineState === "absent") return [];
    const described = ruleOf(read);
    const finding = {
      ...findingOf(read, described, run, { ...options, tool }),
      tool,
      ...(version === undefined ? {} : { toolVersion: bounded(version, longest.name) }),
    };
    // Another tool's bag of that name would say of itself how grave it is.
    const own = driver.name === ownTool ? ownProperties(read.properties) : undefined;
    return own === undefined ? [finding] : asWritten(finding, own);
  });
}

function findingOf(
  result: Result,
  rule: Rule | undefined,
  run: Run,
  options: SarifOptions & { readonly tool: string },
): Omit<ToolFinding, "tool"> {
  const id = bounded(result.rule?.id ?? result.ruleId ?? rule?.id ?? "unnamed", longest.name);
  const tags = tagsOf(rule, result);
  const names = vulnerabilityIds([id, ...tags, rule?.name ?? ""].join(" "));
  const kind = kindOf([options.tool, id, ...tags], names, options);
  const said = textOf(result.message, rule);
  const text = kind === "secret" ? withoutQuotes(said) : said;
  const fingerprint = Object.entries({ ...result.partialFingerprints, ...result.fingerprints })
    // Semgrep's own, of whoever has no account: the same for all.
    .filter(([, value]) => value !== "requires login")
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)[0];
  const suppressed = suppressionOf(result);
  const help = rule?.helpUri;
  const short = rule?.shortDescription?.text ?? rule?.name;
  return {
    kind,
    severity: severityOf(result, rule),
    rule: id,
    title: firstLine(short === undefined || short === id ? text || id : short),
    message: bounded(text, longest.message),
    locations: (result.locations ?? []).flatMap((entry) => locationOf(entry, run, kind)),
    aliases: names.filter((name) => name !== id),
    weaknesses: weaknessIds(tags),
    ...(help === undefined || !/^https?:\/\//i.test(help) ? {} : { help: bounded(help, longest.snippet) }),
    ...(fingerprint === undefined ? {} : { toolFingerprint: bounded(fingerprint, longest.name) }),
    ...(suppressed === undefined ? {} : { suppressed }),
  };
}

/** One for each tool that saw it: what Fairway wrote itself. */
function asWritten(finding: ToolFinding, own: OwnProperties): ToolFinding[] {
  const { witnesses, ...rest } = own;
  const { message, suppressed } = finding;
  return witnesses.map(({ tool, version, rule, severity }) => ({
    ...rest,
    ...{ tool, rule, severity, message },
    ...(suppressed === undefined ? {} : { suppressed }),
    ...(version === undefined ? {} : { toolVersion: version }),
  }));
}

function rulesOf({ tool: { driver, extensions } }: Run): (result: Result) => Rule | undefined {
  const components = [driver, ...(extensions ?? [])];
  const byId = new Map(components.flatMap(({ rules }) => rules ?? []).map((entry) => [entry.id, entry]));
  return ({ ruleId, ruleIndex, rule: reference }) => {
    const at = reference?.toolComponent?.index;
    const of = at === undefined ? driver : extensions?.[at];
    const byIndex = of?.rules?.[reference?.index ?? ruleIndex ?? -1];
    const id = reference?.id ?? ruleId;
    if (id === undefined) return byIndex;
    // An index that points to another rule is wrong; the id is what people read. `rule/part` is a part of `rule`.
    const named = byId.get(id) ?? byId.get(id.replace(/\/[^/]*$/, ""));
    return byIndex !== undefined && (byIndex.id === id || named === undefined) ? byIndex : named;
  };
}

function textOf({ text, id, arguments: words = [], markdown }: Result["message"], rule?: Rule): string {
  const told = text ?? (id === undefined ? undefined : rule?.messageStrings?.[id]?.text);
  const filled = told?.replace(/\{(\d+)\}/g, (place, at: string) => words[Number(at)] ?? place);
  return filled ?? markdown ?? rule?.fullDescription?.text ?? rule?.shortDescription?.text ?? "";
}

function tagsOf(rule: Rule | undefined, result: Result): string[] {
  const found: unknown[] = [
    rule?.properties?.["tags"],
    rule?.properties?.["cwe"],
    result.properties?.["tags"],
  ];
  return found.flat().filter((tag) => typeof tag === "string");
}

/** Whatever else a tool looks for, what it calls a secret is one. */
function kindOf(
  words: readonly string[],
  names: readonly string[],
  { kind }: Pick<SarifOptions, "kind">,
): FindingKind {
  if (kind === undefined && names.length > 0) return "vulnerability";
  return words.some((word) => ofSecrets.test(word)) ? "secret" : (kind ?? "code");
}

/** Names of rules, of tools that look for nothing else, and of weaknesses: credentials, passwords and keys in code. */
const ofSecrets =
  /(?<![a-z])secrets?(?![a-z])|secretlint|gitleaks|trufflehog|ggshield|gitguardian|noseyparker|kingfisher|\bcwe-(?:259|321|798)\b/i;

/** Some tools quote what they found; those that hide it write stars. */
function withoutQuotes(text: string): string {
  return text.replace(/(?<!\w)(["'`])(?:(?!\1)[^\n])+\1(?!\w)/g, "$1***$1");
}

/** The score is what code hosts go by, too; without one, the level. */
function severityOf(result: Result, rule: Rule | undefined): Severity {
  const score = result.properties?.["security-severity"] ?? rule?.properties?.["security-severity"];
  const known = Number(/^\s*\d+(?:\.\d+)?\s*$/.exec(String(score))?.[0] ?? 0);
  // Tools write 0 where they know no score.
  if (known > 0) return severityOfScore(known);
  const { level = rule?.defaultConfiguration?.level ?? "warning" } = result;
  return ({ error: "high", warning: "medium", note: "low", none: "info" } as const)[level];
}

function locationOf(
  { physicalLocation }: z.infer<typeof location>,
  { artifacts }: Run,
  kind: FindingKind,
): Location[] {
  const { artifactLocation, region } = physicalLocation ?? {};
  const uri = artifactLocation?.uri ?? artifacts?.[artifactLocation?.index ?? -1]?.location?.uri;
  if (uri === undefined || uri === "") return [];
  const snippet = kind === "secret" ? undefined : region?.snippet?.text;
  const numbers = {
    line: position(region?.startLine),
    column: position(region?.startColumn),
    endLine: position(region?.endLine),
    endColumn: position(region?.endColumn),
  };
  const known = Object.entries(numbers).filter((entry): entry is [string, number] => entry[1] !== undefined);
  return [
    {
      path: bounded(repositoryPath(uri), longest.snippet),
      ...Object.fromEntries(known),
      ...(snippet === undefined ? {} : { snippet: bounded(snippet, longest.snippet) }),
    },
  ];
}

/** One that is under review or was refused suppresses nothing. */
function suppressionOf({ suppressions }: Result): ToolSuppression | undefined {
  const open = (suppressions ?? []).filter(({ status }) => status !== undefined && status !== "accepted");
  const [first] = suppressions ?? [];
  if (first === undefined || open.length > 0) return undefined;
  const by = first.kind === "inSource" ? "source" : "tool";
  return { by, reason: bounded(first.justification ?? "", longest.title) };
}

function problemsOf({ invocations, tool, results, externalPropertyFileReferences }: Run): string[] {
  const elsewhere = externalPropertyFileReferences?.results ?? [];
  if (elsewhere.length > 0) return [`${tool.driver.name} has left results in files beside its own`];
  const ends = (invocations ?? []).flatMap((invocation) => {
    const { executionSuccessful = true, exitCodeDescription } = invocation;
    const { toolExecutionNotifications, toolConfigurationNotifications } = invocation;
    const told = [...(toolExecutionNotifications ?? []), ...(toolConfigurationNotifications ?? [])];
    const errors = told.filter((entry) => entry.level === "error");
    const words = errors.map((entry) => firstLine(entry.message.text ?? ""));
    if (executionSuccessful && errors.length === 0) return [];
    return words.length > 0
      ? words
      : [exitCodeDescription ?? `${tool.driver.name} says that it did not end well`];
  });
  if (ends.length > 0 || (results !== null && results !== undefined)) return ends;
  // Where nothing was found it would say so, by a list that is empty.
  return [`${tool.driver.name} says nothing of results`];
}
