import { EngineError } from "../errors.ts";

export type Lookup = (name: string) => string | undefined;

/** A text with its variables replaced; undefined where they are not known yet. */
export type Expand = (text: string) => string | undefined;

/** The words of a line as Docker splits it: at white space outside of quotes; the quotes stay on. */
export function splitWords(text: string, escape: string): readonly string[] {
  const words: string[] = [];
  let word = "";
  let quote = "";
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? "";
    if (character === escape && quote !== "'") {
      word += character + (text[++at] ?? "");
    } else if (quote === "" && /\s/.test(character)) {
      if (word !== "") words.push(word);
      word = "";
    } else {
      if (quote === "" && (character === '"' || character === "'")) quote = character;
      else if (character === quote) quote = "";
      word += character;
    }
  }
  return word === "" ? words : [...words, word];
}

/** A word without its quotes, its variables replaced: `$A`, `${A}`, `${A:-default}`, `${A:+set}`, `${A-default}`, `${A+set}`. */
export function expandWord(word: string, lookup: Lookup, escape: string): string {
  let out = "";
  let quote = "";
  for (let at = 0; at < word.length; at++) {
    const character = word[at] ?? "";
    if (quote === "'") {
      if (character === "'") quote = "";
      else out += character;
    } else if (character === escape) {
      const next = word[++at] ?? "";
      out += quote === '"' && !/["$\\`]/.test(next) ? escape + next : next;
    } else if (character === quote) quote = "";
    else if (quote === "" && (character === '"' || character === "'")) quote = character;
    else if (character === "$") {
      const { value, end } = variable(word, at, lookup, escape);
      out += value;
      at = end;
    } else out += character;
  }
  return out;
}

/** Only the variables of a text; its quotes stay (heredocs). */
export function expandText(text: string, lookup: Lookup, escape: string): string {
  let out = "";
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? "";
    if (character === escape && text[at + 1] === "$") out += text[++at] ?? "";
    else if (character === "$") {
      const { value, end } = variable(text, at, lookup, escape);
      out += value;
      at = end;
    } else out += character;
  }
  return out;
}

function variable(word: string, at: number, lookup: Lookup, escape: string): { value: string; end: number } {
  if (word[at + 1] !== "{") {
    const name = /^\w+/.exec(word.slice(at + 1))?.[0];
    if (name === undefined) return { value: "$", end: at };
    return { value: lookup(name) ?? "", end: at + name.length };
  }
  const end = closing(word, at + 1);
  const match = /^(\w+)(?:(:?[-+?])(.*))?$/s.exec(word.slice(at + 2, end));
  if (match === null) throw new EngineError(`unsupported modifier in ${word.slice(at, end + 1)}`);
  const [, name = "", operator, rest = ""] = match;
  return { value: substituted(lookup(name), name, operator, () => expandWord(rest, lookup, escape)), end };
}

function substituted(
  value: string | undefined,
  name: string,
  operator: string | undefined,
  other: () => string,
): string {
  const isSet = value !== undefined && (operator?.startsWith(":") !== true || value !== "");
  switch (operator?.at(-1)) {
    case "-":
      return isSet ? value : other();
    case "+":
      return isSet ? other() : "";
    case "?":
      if (isSet) return value;
      throw new EngineError(`${name}: ${other() || "parameter not set"}`);
    default:
      return value ?? "";
  }
}

function closing(word: string, open: number): number {
  let depth = 0;
  for (let at = open; at < word.length; at++) {
    if (word[at] === "{") depth++;
    else if (word[at] === "}" && --depth === 0) return at;
  }
  throw new EngineError(`a brace is not closed in ${word}`);
}

/** `name=value` as its two parts; the second undefined where there is no `=`. */
export function splitOnce(text: string): readonly [string, string | undefined] {
  const at = text.indexOf("=");
  return at === -1 ? [text.trim(), undefined] : [text.slice(0, at).trim(), text.slice(at + 1)];
}
