import { allRuleDocs, type Example, type RuleDoc } from "../../database/database.ts";
import { visibleLines } from "../../model/visible.ts";
import { code, fenced, markdownTable, sentence } from "../markdown.ts";
import { headed } from "../text.ts";
import { fitting, wrapped } from "../wrap.ts";

const width = 104;

/** One rule: what it catches, why that hurts, and its examples. */
export function ruleText(rule: RuleDoc): string {
  return [
    `${rule.id} (${rule.severity})`,
    ...wrapped(rule.catches, width),
    "",
    ...wrapped(rule.why, width),
    ...examplesOf(rule).flatMap(([title, examples]) =>
      examples.flatMap((example) => ["", `${title}:`, ...indented(exampleText(example))]),
    ),
    ...(rule.examples === undefined
      ? []
      : ["", `Where it is wanted: -- fairway:allow ${rule.id} reason="..." until=2027-01-31`]),
  ].join("\n");
}

export function ruleMarkdown(rule: RuleDoc): string {
  return [
    `### ${code(rule.id)}: ${rule.severity}`,
    sentence(rule.catches),
    sentence(rule.why),
    ...examplesOf(rule).flatMap(([title, examples]) =>
      examples.map((example) => `${title}:\n\n${fenced(exampleText(example), "sql")}`),
    ),
  ].join("\n\n");
}

/** All of them, a line each. */
export function rulesText(): string {
  const rows = sorted().map(({ id, severity, catches }) => [id, severity, catches]);
  const whole = headed(["rule", "severity", "catches"], rows).split("\n");
  const fits = whole.every((line) => line.length <= width);
  return (fits ? whole : fitting([["rule", "severity", "catches"], ...rows], width)).join("\n");
}

export function rulesMarkdown(): string {
  return markdownTable(
    ["Rule", "Severity", "Catches"],
    sorted().map(({ id, severity, catches }) => [code(id), severity, sentence(catches)]),
  );
}

function sorted(): readonly RuleDoc[] {
  return [...allRuleDocs].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

function examplesOf({
  examples,
}: RuleDoc): readonly (readonly [title: string, examples: readonly Example[]])[] {
  if (examples === undefined) return [];
  return [
    ["It finds this", examples.bad],
    ["Safe is", examples.good],
    ["Good because of what is there", examples.goodInContext],
  ];
}

/** What is there already stands above, as comments say. */
function exampleText(example: Example): string {
  if (typeof example === "string") return byLines(example);
  const { postgres } = example;
  const [before, sql] = [
    example.before === undefined ? undefined : byLines(example.before),
    byLines(example.sql),
  ];
  const server = postgres === undefined ? "" : ` (PostgreSQL ${String(postgres)})`;
  if (example.unused !== undefined)
    return `${before === undefined ? "" : `-- applied already:\n${before}\n`}-- the migration, where no live code uses ${example.unused.join(", ")}:\n${sql}`;
  return before === undefined
    ? `${postgres === undefined ? "" : `-- PostgreSQL ${String(postgres)}:\n`}${sql}`
    : `-- applied already:\n${before}\n-- the migration${server}:\n${sql}`;
}

/** A statement a line, where no text or body may hold the semicolon. */
function byLines(sql: string): string {
  return /['$]/.test(sql) ? sql : sql.replace(/; *(?=[^\s;])/g, ";\n");
}

function indented(sql: string): string[] {
  return visibleLines(sql)
    .split("\n")
    .flatMap((line) => wrapped(`  ${line}`, width));
}
