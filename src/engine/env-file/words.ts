import { EngineError } from "../errors.ts";

interface Character {
  readonly text: string;
  /** White space that is quoted separates no words. */
  readonly quoted: boolean;
}

type Lookup = (name: string) => string | undefined;

/** The words of a shell's assignment, joined by a space: quotes, escapes, `$NAME`, `${NAME}` and `${NAME:-default}`. */
export function wordsOf(text: string, lookup: Lookup, place: string): string {
  const characters = new Reader(text, lookup, place).read();
  const words: string[] = [];
  let word: string | undefined;
  for (const { text: character, quoted } of [...characters, { text: " ", quoted: false }]) {
    if (quoted || !/\s/.test(character)) word = (word ?? "") + character;
    else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  return words.join(" ");
}

class Reader {
  readonly #text: string;
  readonly #lookup: Lookup;
  readonly #place: string;
  #at = 0;

  constructor(text: string, lookup: Lookup, place: string) {
    this.#text = text;
    this.#lookup = lookup;
    this.#place = place;
  }

  read(): Character[] {
    const read: Character[] = [];
    while (this.#at < this.#text.length) {
      const character = this.#next();
      const begins = read.length === 0 || /\s$/.test(read.at(-1)?.text ?? "");
      if (character === "#" && begins) break;
      if (character === "'") read.push({ text: this.#until("'"), quoted: true });
      else if (character === '"') read.push(...this.#quoted());
      else if (character === "\\") read.push({ text: this.#next(), quoted: true });
      else if (character === "$") read.push(...this.#variable(false));
      else if (/[`;|&<>()]/.test(character) || (character === "~" && begins)) this.#refuse(character);
      else read.push({ text: character, quoted: false });
    }
    return read;
  }

  #quoted(): Character[] {
    const read: Character[] = [{ text: "", quoted: true }];
    for (let character = this.#next(); character !== '"'; character = this.#next()) {
      if (character === "") this.#fail('reached the end without a closing "');
      if (character === "`") this.#refuse(character);
      if (character === "$") read.push(...this.#variable(true));
      else if (character === "\\" && /[$"\\`]/.test(this.#text[this.#at] ?? ""))
        read.push({ text: this.#next(), quoted: true });
      else read.push({ text: character, quoted: true });
    }
    return read;
  }

  #variable(quoted: boolean): Character[] {
    const rest = this.#text.slice(this.#at);
    const [bare] = /^[A-Za-z_]\w*/.exec(rest) ?? [];
    if (bare !== undefined) {
      this.#at += bare.length;
      return charactersOf(this.#lookup(bare) ?? this.#fail(`${bare}: unbound variable`), quoted);
    }
    if (/^[({\d@*#?$!-]/.test(rest)) {
      const [whole, name, alternative] = /^\{([A-Za-z_]\w*)(?::-([^{}$'"\\`]*))?\}/.exec(rest) ?? [];
      if (whole === undefined || name === undefined) this.#refuse(`$${rest.slice(0, 8)}`);
      this.#at += whole.length;
      const value = this.#lookup(name);
      if (value === undefined && alternative === undefined) this.#fail(`${name}: unbound variable`);
      const found = value === undefined || value === "" ? (alternative ?? "") : value;
      return charactersOf(found, quoted);
    }
    return [{ text: "$", quoted }];
  }

  #until(end: string): string {
    const at = this.#text.indexOf(end, this.#at);
    if (at === -1) this.#fail(`reached the end without a closing ${end}`);
    const text = this.#text.slice(this.#at, at);
    this.#at = at + 1;
    return text;
  }

  #next(): string {
    return this.#text[this.#at++] ?? "";
  }

  #refuse(what: string): never {
    return this.#fail(`${what}: an env file of the embedded engine knows quotes and variables, no commands`);
  }

  #fail(what: string): never {
    throw new EngineError(`${this.#place}: ${what}`);
  }
}

function charactersOf(text: string, quoted: boolean): Character[] {
  return Array.from(text, (character) => ({ text: character, quoted }));
}
