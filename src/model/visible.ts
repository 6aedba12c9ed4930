/** Characters that a terminal obeys or that turn a line around: controls, formats, lone surrogates, line separators. */
const commanding = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu;

/**
 * What somebody else wrote (a commit's subject, a reason, a name, SQL), on one line and with nothing that moves a cursor or
 * turns the text around: such characters are shown by their number.
 */
export function visible(text: string): string {
  return numbered(text.replace(/\s+/g, " ").trim());
}

/** The same for text of several lines, which keeps them and how far each is indented. */
export function visibleLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => numbered(line.replaceAll("\t", "  ")).trimEnd())
    .join("\n");
}

/** JSON with such characters spelled as JSON spells them: it says the same, and a terminal does not obey it. */
export function visibleJson(json: string): string {
  return json.replace(/[\u007f-\u009f\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu, (character) =>
    character
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}

function numbered(text: string): string {
  return text.replace(commanding, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
