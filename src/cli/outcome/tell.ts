import { inspect } from "node:util";
import { visible, visibleJson, visibleLines } from "../../model/visible.ts";
import { asciiSigns } from "../progress/ascii.ts";
import type { Colours, Terminal } from "../terminal.ts";
import { functionFailed, outcomeOf, type Outcome } from "./outcome.ts";

/** Tells how a command ended that did not succeed, and answers its exit code. */
export function tellError(error: unknown, terminal: Terminal, json: boolean): number {
  const outcome = outcomeOf(error);
  if (json) terminal.out(outcomeAsJson(outcome));
  const told = tellOutcome(outcome, terminal.colours, { error, on: terminal.debug });
  terminal.notes.write(`\n${terminal.unicode ? told : asciiSigns(told)}`);
  return outcome.exitCode;
}

/** For people: the sentence, the place, the step's own output, and last what to do about it. */
export function tellOutcome(
  outcome: Outcome,
  colours: Colours,
  debug: { readonly error: unknown; readonly on: boolean },
): string {
  const { faint, bold } = colours;
  const sign = outcome.exitCode === 3 ? colours.yellow("◦ held") : colours.red("✗ error");
  const lines = [`${sign}  ${bold(visibleLines(outcome.message))}`];
  if (outcome.place !== undefined) lines.push(`  ${faint("at")} ${visible(outcome.place)}`);
  if (outcome.output !== undefined) lines.push("", ...indent(outcome.output, faint("│ ")));
  if (outcome.remedy !== undefined) lines.push("", ...indent(outcome.remedy, ""));
  if (outcome.unexpected || (debug.on && outcome.code === functionFailed))
    lines.push(...unexpected(colours, debug));
  return `${lines.join("\n")}\n`;
}

/** For machines, on stdout. */
export function outcomeAsJson(outcome: Outcome): string {
  const { code, message, exitCode, place = null, remedy = null, output = null } = outcome;
  const value = { error: { code, message, exitCode, place, remedy, output } };
  return `${visibleJson(JSON.stringify(value, null, 2))}\n`;
}

function unexpected({ faint }: Colours, debug: { readonly error: unknown; readonly on: boolean }): string[] {
  if (debug.on) return ["", ...indent(inspect(debug.error, { depth: 4 }), faint("│ "))];
  return [
    "",
    "  Fairway does not know this error. Where it was raised: run again with FAIRWAY_DEBUG=1.",
    "  If that is not in a module of your own, please report it, with what npx fairway doctor prints.",
  ];
}

/** Of somebody else's text: no terminal obeys it. */
function indent(text: string, margin: string): string[] {
  return visibleLines(text)
    .trimEnd()
    .split("\n")
    .map((line) => `  ${margin}${line}`);
}
