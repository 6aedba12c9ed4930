import { allRuleDocs, type RuleDoc } from "../database/database.ts";
import { canonicalJson, type Json } from "../model/canonical-json.ts";
import { usageError } from "../model/errors.ts";
import {
  migrationsHtml,
  migrationsJson,
  migrationsMarkdown,
  migrationsSarif,
  migrationsText,
  ruleMarkdown,
  rulesMarkdown,
  rulesText,
  ruleText,
  type MigrationsReport,
} from "../report/migrations/migrations.ts";
import type { Delivery } from "./delivery.ts";

export type ReviewFormat = "text" | "json" | "sarif" | "markdown" | "html";

export function reportOf(format: ReviewFormat, report: MigrationsReport): string {
  const write = {
    text: migrationsText,
    json: migrationsJson,
    sarif: migrationsSarif,
    markdown: migrationsMarkdown,
    html: migrationsHtml,
  }[format];
  return write(report);
}

/**
 * What a rule is about.
 * @param name a rule's, or `all` for a line about each
 * @throws FairwayError RULE_UNKNOWN (exit 2)
 */
export function explainedRule(
  { command }: Pick<Delivery, "command">,
  name: string,
  format: ReviewFormat,
): string {
  if (format === "sarif" || format === "html")
    throw usageError("what a rule is about is told as text, json or markdown", {
      code: "FLAG_WRONG",
      place: `--format ${format}`,
    });
  const rule = allRuleDocs.find(({ id }) => id === name);
  if (rule === undefined && name !== "all")
    throw usageError(`there is no rule ${JSON.stringify(name)}`, {
      code: "RULE_UNKNOWN",
      place: "--explain",
      ...likeText(name),
      remedy: `${command} migrations --explain all`,
    });
  if (format === "json") return canonicalJson(rule === undefined ? allRuleDocs.map(asJson) : asJson(rule));
  if (rule === undefined) return format === "text" ? rulesText() : rulesMarkdown();
  return format === "text" ? ruleText(rule) : ruleMarkdown(rule);
}

/** The rules whose names begin in the same way. */
function likeText(name: string): { readonly output?: string } {
  const like = allRuleDocs.filter(({ id }) => id.startsWith(name.slice(0, Math.max(4, name.length - 3))));
  return like.length === 0 ? {} : { output: like.map(({ id }) => id).join("\n") };
}

function asJson({ id, severity, catches, why, examples }: RuleDoc): Json {
  return { id, severity, catches, why, examples: examples as unknown as Json };
}
