/** A command as one would type it: words with spaces are quoted, git's `-c name=value` settings left out. */
export function shownCommand(words: readonly string[]): string {
  const isSetting = (index: number) =>
    words[0] === "git" && (words[index] === "-c" || words[index - 1] === "-c");
  return words
    .filter((_word, index) => !isSetting(index))
    .map((word) => (/^[\w@%+=:,./^~-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`))
    .join(" ");
}
