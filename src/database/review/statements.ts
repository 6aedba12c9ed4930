import type { Change } from "./change.ts";
import { effectsOf, type Effects } from "./effects/effects.ts";
import { gravest, phaseOf, type Phase } from "./phase.ts";
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
  const read = statements.map((statement) => ({ statement, changes: changesOf(statement.node) }));
  const all = read.flatMap(({ changes }) => changes);
  const settings = new Map<string, string>();
  // One statement alone is sent as it is, also by those who send a file at once.
  let inTransaction = options.transaction === "file" && statements.length > 1;
  let position = 0;
  return read.map(({ statement, changes }) => {
    const judged = changes.map((change): JudgedChange => {
      const file: FileSituation = {
        changes: all,
        position,
        statements: statements.length,
        mentions: (literal) => hasLiteral(statement.node, literal),
        inTransaction,
        settings,
      };
      const effects = effectsOf(change, at);
      // What it takes away does not come back for those who went on: the phase does not ask who is left.
      const worst = effectsOf(change, { ...at, uses: unknownUses });
      const found = options.rules.flatMap((rule) => {
        const finding = rule.check(change, { ...at, file });
        return finding === null ? [] : [{ severity: rule.severity, ...finding, rule: rule.id }];
      });
      at.schema.apply(change);
      position++;
      if (change.kind === "set") remember(settings, change.name, change.value);
      if (change.kind === "transaction" && change.action !== "savepoint")
        inTransaction = change.action === "begin";
      return { change, ...effects, phase: phaseOf(change, worst), found };
    });
    return { statement, changes: judged, phase: gravest(judged.map(({ phase }) => phase)) };
  });
}

function remember(settings: Map<string, string>, name: string, value: string | null): void {
  if (name === "all") settings.clear();
  else if (value === null) settings.delete(name);
  else settings.set(name, value);
}
