import type { Severity, ToolFinding } from "../../model/finding.ts";
import { longest } from "../limits.ts";
import { severityOfScore, severityOfWord } from "../severity.ts";
import { bounded, firstLine, spelledId, vulnerabilityIds, weaknessIds } from "../text.ts";
import { unreadable } from "./json.ts";

/** What every tool that looks for vulnerable packages says of one, in its own spelling. */
export interface Advisory {
  readonly tool: string;
  /** The tool's own name of it. */
  readonly id: string;
  /** Other names; any text that holds some. */
  readonly aliases?: readonly string[];
  readonly title?: string | null | undefined;
  readonly message?: string | null | undefined;
  readonly severity: Severity;
  readonly weaknesses?: readonly string[];
  readonly url?: string | null | undefined;
  readonly ecosystem: string;
  readonly name: string;
  readonly versions?: readonly string[];
  readonly fixed?: readonly string[];
  /** The lockfile, or a path inside an image. */
  readonly path?: string | undefined;
  readonly image?: string;
}

export function vulnerabilityOf(advisory: Advisory): ToolFinding {
  const { tool, id, title, message, severity, url, name, path, image } = advisory;
  const { aliases = [], weaknesses = [], versions = [], fixed = [] } = advisory;
  const others = aliases
    .map((alias) => alias.trim())
    .filter((alias) => alias !== "" && alias.length <= longest.name);
  const names = [
    ...new Set([...vulnerabilityIds([id, url ?? ""].join(" ")), ...others.map(spelledId)]),
  ].sort();
  const text = bounded(message ?? title ?? id, longest.message);
  return {
    ...{ kind: "vulnerability", severity, rule: bounded(id, longest.name), tool },
    title: firstLine(title === null || title === undefined || title === "" ? text || id : title),
    message: text,
    locations: path === undefined ? [] : [{ path, ...(image === undefined ? {} : { image }) }],
    package: {
      ecosystem: ecosystems.get(advisory.ecosystem.toLowerCase()) ?? advisory.ecosystem.toLowerCase(),
      name: bounded(name, longest.name),
      versions: [...new Set(versions)].filter((version) => version !== "").sort(),
      fixed: [...new Set(fixed)].filter((version) => version !== "").sort(),
    },
    aliases: names,
    weaknesses: weaknessIds(weaknesses),
    ...(url === null || url === undefined || !/^https?:\/\//i.test(url)
      ? {}
      : { help: bounded(url, longest.snippet) }),
  };
}

/** @throws FairwayError FINDINGS_UNREADABLE: a word that nobody knows is not harmless */
export function severityIn(tool: string, word: string, place: string): Severity {
  const severity = severityOfWord(word);
  if (severity === undefined)
    throw unreadable(tool, undefined, `${place}: the severity ${JSON.stringify(word)} is unknown`);
  return severity;
}

/** `9.8`, as tools write scores; undefined for what is none. */
export function severityOfScoreText(score: string | number | null | undefined): Severity | undefined {
  if (score === null || score === undefined || score === "") return undefined;
  const value = Number(score);
  return Number.isFinite(value) && value >= 0 && value <= 10 ? severityOfScore(value) : undefined;
}

/** By the names that tools have for them: the types of package URLs. */
const ecosystems: ReadonlyMap<string, string> = new Map([
  ...["npm", "yarn", "pnpm", "node-pkg", "node", "nodejs", "javascript"].map(
    (name) => [name, "npm"] as const,
  ),
  ...["cargo", "rust", "crates.io", "rustbinary", "rust-crate"].map((name) => [name, "cargo"] as const),
  ...["pip", "pypi", "python", "python-pkg", "pipenv", "poetry", "uv"].map((name) => [name, "pypi"] as const),
  ...["go", "golang", "gomod", "gobinary", "go-module"].map((name) => [name, "golang"] as const),
  ...["debian", "ubuntu", "deb"].map((name) => [name, "deb"] as const),
  ...["alpine", "apk", "wolfi", "chainguard"].map((name) => [name, "apk"] as const),
  ...["redhat", "centos", "rocky", "alma", "amazon", "oracle", "fedora", "suse", "rpm"].map(
    (name) => [name, "rpm"] as const,
  ),
  ...["maven", "java", "jar", "pom", "gradle", "java-archive"].map((name) => [name, "maven"] as const),
  ...["rubygems", "bundler", "gem", "gemspec"].map((name) => [name, "gem"] as const),
  ...["packagist", "composer", "php-composer"].map((name) => [name, "composer"] as const),
  ...["nuget", "dotnet", "dotnet-core"].map((name) => [name, "nuget"] as const),
]);
