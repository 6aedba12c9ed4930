import { visible } from "../../model/visible.ts";

/** Columns of a name; a path and a few flags fit. */
const longestName = 80;

/**
 * What a step is called. An inline script says by its first line, a comment, what it is for; of any other command
 * both ends are kept, where the program and its last argument are.
 */
export function stepName(command: string): string {
  return titleOf(command) ?? cutMiddle(withoutShell(oneLine(command)), longestName);
}

/** `node -e '\n// look for ...\n...'` */
function titleOf(command: string): string | undefined {
  const [, title] = /(?:^|\s)["']\s*(?:\/\/|#(?!!))[ \t]*([^\n]*\S)[ \t]*\n/.exec(command) ?? [];
  return title === undefined ? undefined : cutMiddle(oneLine(title), longestName);
}

/** `sh -c "..."` says nothing: what the shell runs does. */
function withoutShell(command: string): string {
  return command.replace(/^(?:\/bin\/)?(?:sh|bash) -\w*c /, "").replace(/^(["'])(.*)\1$/, "$2");
}

/** Cuts the middle out of a text that has more than a number of columns. */
export function cutMiddle(text: string, columns: number): string {
  if (text.length <= columns) return text;
  const end = Math.floor((columns - 1) / 3);
  return `${text.slice(0, columns - 1 - end).trimEnd()}…${text.slice(-end).trimStart()}`;
}

function oneLine(text: string): string {
  return visible(text);
}
