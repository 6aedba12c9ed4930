import type { Change } from "./change.ts";
import { effectsOf, type Effects } from "./effects/effects.ts";
import { gravest, phaseOf, type Phase } from "./phase.ts";
import { Progress } from "./progress.ts";
import type { FileSituation, Found, Rule, Severity } from "./rules/rule.ts";
import { type Situation, unknownUses } from "./situation.ts";
import { hasLiteral } from "./sql/expressions.ts";
import { changesOf } from "./sql/changes.ts";
import type { Statement } from "./sql/parse.ts";

/** What the review knows of one change of a statement. */
export interface JudgedChange extends Effects {
  readonly change: Change;
  readonly phase: Phase;
  readonly found: readonly (Found & { readonly rule: string; readonly severity: Severity })[];
}

export interface JudgedStatement {
  readonly statement: Statement;
  readonly changes: readonly JudgedChange[];
  readonly phase: Phase;
}

/** Judges the statements of a migration one after another, and carries the schema over them. */
export function judgeStatements(
  statements: readonly Statement[],
  at: Situation,
  options: { readonly transaction: "file" | "statement"; readonly rules: readonly Rule[] },
): JudgedStatement[] {
  const read = statements.map((statement) => ({ statement, changes: changesIn(statement) }));
  const all = read.flatMap(({ changes }) => changes);
  // One statement alone is sent as it is, also by those who send a file at once.
  const progress = new Progress(options.transaction === "file" && statements.length > 1);
  const said = new Set<Rule>();
  let position = 0;
  return read.map(({ statement, changes }) => {
    const judged = changes.map((change): JudgedChange => {
      const effects = effectsOf(change, at);
      // What it takes away does not come back for those who went on: the phase does not ask who is left.
      const phase = phaseOf(change, effectsOf(change, { ...at, uses: unknownUses }));
      const file: FileSituation = {
        changes: all,
        position,
        statements: statements.length,
        mentions: (literal) => hasLiteral(statement.node, literal),
        isOneTransaction: options.transaction === "file",
        inTransaction: progress.inTransaction,
        settings: progress.settings,
        held: progress.held,
        wrote: progress.wrote,
        phases: progress.phases,
      };
      const found = options.rules.flatMap((rule) => {
        const finding = said.has(rule) ? null : rule.check(change, { ...at, ...effects, phase, file });
        if (finding === null) return [];
        if (rule.once === true) said.add(rule);
        return [{ severity: rule.severity, ...finding, rule: rule.id }];
      });
      at.schema.apply(change);
      position++;
      progress.afterChange(change, phase);
      return { change, ...effects, phase, found };
    });
    progress.afterStatement(judged, at.schema);
    return { statement, changes: judged, phase: gravest(judged.map(({ phase }) => phase)) };
  });
}

function changesIn({ node, inside }: Statement): Change[] {
  const changes = changesOf(node);
  if (inside.length === 0) return changes;
  return changes.map((change) => (change.kind === "unknown" ? { ...change, inside } : change));
}
