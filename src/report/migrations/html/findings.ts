import type { Finding, ReviewedMigration, SafeStep } from "../../../database/database.ts";
import { visible, visibleLines } from "../../../model/visible.ts";
import { list, markup, type Markup } from "../../markup.ts";
import { isGrave, liveCodeText } from "../reviewed.ts";
import { type ToldStatement, toldStatements } from "../statement.ts";

/** What was found, statement by statement, with the safe way. */
export function findingsOf(migrations: readonly ReviewedMigration[]): Markup | string {
  const told = migrations.filter(({ findings, liveCode }) => findings.length > 0 || liveCode !== undefined);
  if (told.length === 0) return "";
  return markup`<section><h2>What was found</h2>
${told.map(migrationOf)}</section>`;
}

function migrationOf(migration: ReviewedMigration): Markup {
  const { path, phase, phaseReason, checksum } = migration;
  const { told, others } = toldStatements(migration);
  const said = phaseReason === undefined ? "" : ` (said: ${visible(phaseReason)})`;
  const rest =
    others === 0 || told.length === 0
      ? ""
      : markup`<p class="lead">Other statements in which nothing was found: ${String(others)}</p>`;
  return markup`<article><h3>${visible(path)}</h3>
<p class="lead">Phase ${phase}${said}, ${liveCodeText(migration)}. SHA-256 <code>${checksum}</code></p>
${told.map((statement) => statementOf(statement, path))}${rest}</article>
`;
}

function statementOf({ line, sql, findings, facts }: ToldStatement, path: string): Markup {
  const rows = facts.map(([label, text]) => markup`<dt>${label}</dt><dd>${visible(text)}</dd>`);
  return markup`<div class="statement"><p class="place">${visible(path)}:${String(line)}</p>
${sql === "" ? "" : markup`<pre><code>${visibleLines(sql)}</code></pre>`}
${findings.map(findingOf)}
${rows.length === 0 ? "" : markup`<dl>${rows}</dl>`}</div>
`;
}

function findingOf(finding: Finding): Markup {
  const { rule, severity, what, allowed, instead } = finding;
  const tone = isGrave(finding) ? "bad" : allowed === null ? "warn" : "";
  const head = markup`<p class="finding"><span class="badge ${tone}">${severity}</span> <code>${visible(rule)}</code> ${visible(what)}</p>`;
  if (allowed !== null) {
    const until = allowed.until === null ? "" : `, until ${allowed.until}`;
    return markup`${head}<p>Allowed: ${visible(allowed.reason)}${until}</p>`;
  }
  return markup`${head}${instead.length === 0 ? "" : markup`<p>Instead:</p>${list(instead.map(stepOf), "ol")}`}`;
}

function stepOf(step: SafeStep): Markup {
  if ("release" in step) return markup`Release ${visible(step.release)}`;
  const where = step.alone === true ? "Alone, outside of a transaction:" : "Migrate:";
  return markup`${where}<pre><code>${visibleLines(step.sql)}</code></pre>`;
}
