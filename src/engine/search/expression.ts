import { EngineError } from "../errors.ts";
import { refusal } from "../validation.ts";

export interface SearchForm {
  readonly pattern: string;
  readonly literal: boolean;
  readonly insensitive: boolean;
  readonly multiline: boolean;
  readonly dotall: boolean;
}

/**
 * A regular expression of ripgrep (https://docs.rs/regex/latest/regex/#syntax) as one of JavaScript. What the one has
 * and the other has not, or reads otherwise, is refused.
 */
export function expressionOf(form: SearchForm): RegExp {
  const flags = `gv${form.insensitive ? "i" : ""}`;
  if (form.literal) return compiled(quote(form.pattern), flags, form.pattern);
  return compiled(new Translation(form.pattern, form.dotall).expression(), flags, form.pattern);
}

/** Whether a match may go over the end of a line; without `multiline` lines are looked at one by one. */
export function spansLines({ pattern, literal, dotall }: SearchForm): boolean {
  if (literal) return pattern.includes("\n");
  return /\n|\\[nsWDPpxuvSB]|\[\^|\[\[:\^/.test(pattern) || (dotall && pattern.includes("."));
}

function compiled(source: string, flags: string, pattern: string): RegExp {
  try {
    return new RegExp(source, flags);
  } catch (error) {
    if (/missing \)|Unterminated group/i.test((error as Error).message))
      throw syntaxError(pattern, unclosedGroup(pattern), "unclosed group");
    const why = (error as Error).message.replace(/^Invalid regular expression: /, "");
    throw new EngineError(`ripgrep error: regex parse error: ${pattern}\n${why}`);
  }
}

function syntaxError(pattern: string, at: number, what: string): EngineError {
  return new EngineError(
    `ripgrep error: regex parse error:\n    ${pattern}\n    ${" ".repeat(at)}^\nerror: ${what}\n`,
  );
}

/** The place of the innermost bracket that is still open at the end. */
function unclosedGroup(pattern: string): number {
  const open: number[] = [];
  for (const { index, 0: part } of pattern.matchAll(/\\.|\[(?:\\.|[^\]])*\]|[()]/gs)) {
    if (part === "(") open.push(index);
    if (part === ")") open.pop();
  }
  return open.at(-1) ?? 0;
}

const word = String.raw`\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}`;
const isWord = `[${word}]`;

/** Classes that are Unicode's there, and ASCII's in JavaScript. */
const escapes: Readonly<Record<string, string>> = {
  d: String.raw`\p{Nd}`,
  D: String.raw`\P{Nd}`,
  s: String.raw`\p{White_Space}`,
  S: String.raw`\P{White_Space}`,
  w: isWord,
  W: `[^${word}]`,
};

const assertions: Readonly<Record<string, string>> = {
  b: `(?:(?<=${isWord})(?!${isWord})|(?<!${isWord})(?=${isWord}))`,
  B: `(?:(?<=${isWord})(?=${isWord})|(?<!${isWord})(?!${isWord}))`,
  A: String.raw`(?<![\s\S])`,
  z: String.raw`(?![\s\S])`,
};

/** Only `\n` ends a line; JavaScript knows other ends too. */
const lineEnds = { "^": String.raw`(?<![^\n])`, $: String.raw`(?![^\n])` } as const;

const groups = /^\((?!\?)|^\(\?:|^\(\?P?<[A-Za-z_]\w*>/;

class Translation {
  readonly #pattern: string;
  readonly #dotall: boolean;
  #at = 0;

  constructor(pattern: string, dotall: boolean) {
    this.#pattern = pattern;
    this.#dotall = dotall;
  }

  expression(): string {
    let source = "";
    while (this.#at < this.#pattern.length) source += this.#part();
    return source;
  }

  #part(): string {
    const rest = this.#pattern.slice(this.#at);
    const character = String.fromCodePoint(rest.codePointAt(0) ?? 0);
    if (character === "\\") return this.#escape(false);
    if (character === "[") return this.#class();
    if (character === "(") {
      const [group] = groups.exec(rest) ?? [];
      if (group === undefined) return this.#refuse(/^\([^)]{0,6}/.exec(rest)?.[0] ?? "(");
      this.#at += group.length;
      return group.replace("?P<", "?<");
    }
    if (character === "{" && !/^\{\d+(?:,\d*)?\}/.test(rest)) return this.#refuse("{");
    this.#at += character.length;
    if (character === ".") return this.#dotall ? String.raw`[\s\S]` : String.raw`[^\n]`;
    if (character === "^" || character === "$") return lineEnds[character];
    // A bracket that closes nothing is a character there; in JavaScript it has to be escaped.
    return character === "]" || character === "}" ? this.#closing(character) : character;
  }

  #closing(character: string): string {
    const isCount = character === "}" && /\{\d+(?:,\d*)?\}$/.test(this.#pattern.slice(0, this.#at));
    return isCount ? character : `\\${character}`;
  }

  #escape(inClass: boolean): string {
    const rest = this.#pattern.slice(this.#at + 1);
    const [hex, digits] = /^[xuU]\{?([\dA-Fa-f]{2,8})\}?/.exec(rest) ?? [];
    if (hex !== undefined && digits !== undefined) return this.#hex(hex, digits);
    const [property] = /^[pP](?:\{\^?[\w=:-]+\}|[A-Z])/.exec(rest) ?? [];
    if (property !== undefined) return this.#property(property);
    const name = String.fromCodePoint(rest.codePointAt(0) ?? 0);
    const known = escapes[name] ?? (inClass ? undefined : assertions[name]);
    if (known !== undefined && !rest.startsWith("b{")) {
      this.#at += 2;
      return known;
    }
    if (!/^[nrtfv]$|^[\p{P}\p{S} ]$/u.test(name) || /^[<>]$/.test(name)) return this.#refuse(`\\${name}`);
    this.#at += 1 + name.length;
    return /^[nrtfv]$/.test(name) ? `\\${name}` : quote(name);
  }

  #hex(text: string, digits: string): string {
    if (!/^[xuU]\{[^}]+\}$|^x..$|^u.{4}$|^U.{8}$/.test(text)) return this.#refuse(`\\${text}`);
    this.#at += 1 + text.length;
    return `\\u{${digits}}`;
  }

  #property(text: string): string {
    const name = /^.\{?(.*?)\}?$/.exec(text)?.[1] ?? "";
    if (name.startsWith("^") || name.includes(":")) return this.#refuse(`\\${text}`);
    this.#at += 1 + text.length;
    return `\\${text[0] ?? "p"}{${name}}`;
  }

  /** A set of characters; sets in sets and their arithmetic only where both write it alike. */
  #class(): string {
    const start = this.#at;
    let source = "[";
    this.#at++;
    if (this.#pattern[this.#at] === "^") source += this.#take("^");
    if (this.#pattern[this.#at] === "]") source += `\\${this.#take("]")}`;
    for (;;) {
      const rest = this.#pattern.slice(this.#at);
      const character = String.fromCodePoint(rest.codePointAt(0) ?? 0);
      if (rest === "") throw syntaxError(this.#pattern, start, "unclosed character class");
      if (character === "]") return source + this.#take("]");
      if (character === "\\") {
        source += this.#escape(true);
        continue;
      }
      const [posix, name] = /^\[:(\w+):\]/.exec(rest) ?? [];
      if (posix !== undefined) {
        source += posixClasses[name ?? ""] ?? this.#refuse(posix);
        this.#at += posix.length;
      } else if (character === "[" || /^(?:&&|--|~~)/.test(rest)) this.#refuse(rest.slice(0, 4));
      else {
        const isRange =
          character === "-" && !source.endsWith("[") && !source.endsWith("[^") && rest[1] !== "]";
        source += isRange ? this.#take("-") : quote(this.#take(character));
      }
    }
  }

  #take(text: string): string {
    this.#at += text.length;
    return text;
  }

  #refuse(what: string): never {
    throw new EngineError(refusal(`${what} in the regular expression ${JSON.stringify(this.#pattern)}`));
  }
}

const posixClasses: Readonly<Record<string, string>> = {
  alnum: "0-9A-Za-z",
  alpha: "A-Za-z",
  blank: String.raw`\t\x20`,
  digit: "0-9",
  lower: "a-z",
  upper: "A-Z",
  space: String.raw`\t\n\v\f\r\x20`,
  word: "0-9A-Za-z_",
  xdigit: "0-9A-Fa-f",
};

/** A character that means itself, under the rules of the `v` flag too. */
function quote(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/\-&!#%,:;<=>@`~"']/g, (character) => {
    return /["'#%,:;<=>@`~&!]/.test(character)
      ? `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`
      : `\\${character}`;
  });
}
