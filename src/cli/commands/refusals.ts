import type { Command, CommanderError } from "commander";
import { usageError } from "../../model/errors.ts";

/** A usage error that names what is missing, and the help that has it. */
export function missingFlags(command: Command, missing: readonly { readonly name: string }[]): Error {
  const names = missing.map(({ name }) => `--${name}`);
  return usageError(`${names.length === 1 ? "the flag" : "the flags"} ${names.join(" and ")} must be given`, {
    code: "FLAG_MISSING",
    remedy: `${pathOf(command)} --help`,
  });
}

/** Told before anything is done: a word that nobody reads may be one that somebody meant. */
export function surplusWords(command: Command, words: readonly string[]): Error {
  const name = command.name();
  const longs = command.options.map(({ long }) => long);
  const likely = ["--only", "--env"].find((long) => longs.includes(long));
  const such = likely === undefined ? "" : `, such as ${likely} ${words.join(",")}`;
  return usageError(`${name} takes no further words: ${words.join(" ")}`, {
    code: "WORDS_LEFT",
    remedy: `Arguments have names${such}. All of them:\n${pathOf(command)} --help`,
  });
}

/** Help was asked for, or the words are wrong. */
export function explain(error: CommanderError, program: Command, words: readonly string[]): string {
  if (error.code === "commander.helpDisplayed" || error.code === "commander.help")
    return helpFor(program, words);
  const [message = "", hint] = error.message.replace(/^error: /, "").split("\n(");
  const suggestion = hint === undefined ? undefined : hint.replace(/\)$/, "").replace(/^Did/, "did");
  throw usageError(plainWords(message) + (suggestion === undefined ? "" : ` (${suggestion})`), {
    code: error.code === "commander.unknownCommand" ? "COMMAND_UNKNOWN" : "FLAG_WRONG",
    remedy: `${pathOf(commandOf(program, words))} --help`,
  });
}

function plainWords(message: string): string {
  return message
    .replace(
      /^option '(?:-\w, )?(--[\w-]+)(?: <value>)?' argument ('.*') is invalid\. (.*)$/s,
      "$1 cannot be $2: $3",
    )
    .replace(/^option '(?:-\w, )?(--[\w-]+)(?: <value>)?' argument missing$/, "$1 needs a value")
    .replace(/^unknown option '(.*)'$/, "unknown flag $1")
    .replace(/^unknown command '(.*)'$/, "unknown command $1");
}

/** The deepest command that the words name. */
function commandOf(program: Command, words: readonly string[]): Command {
  let at = program;
  for (const word of words) {
    const next = at.commands.find((command) => command.name() === word);
    if (next !== undefined) at = next;
    if (next !== undefined && next.commands.length === 0) break;
  }
  return at;
}

function helpFor(program: Command, words: readonly string[]): string {
  return commandOf(program, words).helpInformation();
}

function pathOf(command: Command): string {
  return command.parent === null ? `npx ${command.name()}` : `${pathOf(command.parent)} ${command.name()}`;
}
