import { secretSpellings } from "../model/secret-spellings.ts";

/** What stands in the place of a secret. */
const mark = "***";

/** Replaces secrets in a stream. What may be the beginning of one is held back until more comes, or the end. */
export class Scrubber {
  readonly #forms: readonly string[];
  readonly #expression: RegExp | undefined;
  readonly #longest: number;
  #held = "";

  constructor(secrets: Iterable<string>) {
    const texts = new Set([...secrets].flatMap((secret) => secretSpellings(secret).map(({ text }) => text)));
    // One character of the text is one byte of the stream: secrets may be cut anywhere.
    this.#forms = [...texts]
      .map((text) => Buffer.from(text).toString("latin1"))
      .sort((a, b) => b.length - a.length);
    this.#longest = this.#forms[0]?.length ?? 0;
    const source = this.#forms.map((form) => form.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join("|");
    this.#expression = source === "" ? undefined : new RegExp(source, "g");
  }

  write(chunk: Uint8Array): Buffer {
    if (this.#expression === undefined) return Buffer.from(chunk);
    const text = this.#held + Buffer.from(chunk).toString("latin1");
    return this.#take(text, this.#firstPossible(text));
  }

  end(): Buffer {
    return this.#take(this.#held, this.#held.length);
  }

  /** Scrubs what stands before `limit`; a secret that begins there is replaced whole. */
  #take(text: string, limit: number): Buffer {
    if (this.#expression === undefined) return Buffer.alloc(0);
    let out = "";
    let at = 0;
    for (const match of text.matchAll(this.#expression)) {
      if (match.index >= limit) break;
      out += text.slice(at, match.index) + mark;
      at = match.index + match[0].length;
    }
    const end = Math.max(at, limit);
    this.#held = text.slice(end);
    return Buffer.from(out + text.slice(at, end), "latin1");
  }

  /** Where the earliest suffix begins that is the beginning of a secret. */
  #firstPossible(text: string): number {
    const from = Math.max(0, text.length - this.#longest + 1);
    for (let at = from; at < text.length; at++) {
      const rest = text.length - at;
      for (const form of this.#forms) {
        if (form.length <= rest) break;
        if (form[0] === text[at] && form.startsWith(text.slice(at))) return at;
      }
    }
    return text.length;
  }
}

/** Scrubs a whole text. */
export function scrub(text: string, secrets: Iterable<string>): string {
  const scrubber = new Scrubber(secrets);
  return Buffer.concat([scrubber.write(Buffer.from(text)), scrubber.end()]).toString();
}
