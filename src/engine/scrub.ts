/** What stands in the place of a secret. */
export const mark = "***";

/**
 * The spellings in which a secret is recognised: plain, without a newline at its end, JSON-escaped, URL-encoded and
 * base64 (also in the middle of a longer base64 text). Very short secrets only plain: their other forms are chance.
 */
export function spellings(secret: string): readonly string[] {
  const forms = new Set<string>();
  for (const text of [secret, secret.replace(/\r?\n$/, "")]) {
    if (text === "") continue;
    forms.add(text);
    if (text.length < 5) continue;
    forms.add(JSON.stringify(text).slice(1, -1));
    const uri = encodeUri(text);
    for (const form of [
      uri,
      uri.replaceAll("%20", "+"),
      uri.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    ])
      forms.add(form);
    for (const form of base64Forms(text)) {
      forms.add(form);
      forms.add(form.replaceAll("+", "-").replaceAll("/", "_"));
    }
  }
  return [...forms];
}

/** Replaces secrets in a stream. What may be the beginning of one is held back until more comes, or the end. */
export class Scrubber {
  readonly #forms: readonly string[];
  readonly #expression: RegExp | undefined;
  readonly #longest: number;
  #held = "";

  constructor(secrets: Iterable<string>) {
    const texts = new Set([...secrets].flatMap((secret) => spellings(secret)));
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

/** The part of the base64 form that does not depend on what stands before and after, for each of three offsets. */
function base64Forms(text: string): readonly string[] {
  const bytes = Buffer.from(text);
  return [0, 1, 2].flatMap((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    const start = [0, 2, 3][offset] ?? 0;
    const whole = Math.floor(((offset + bytes.length) * 8) / 6);
    const form = encoded.slice(start, whole);
    return form.length < 6 ? [] : [form];
  });
}

function encodeUri(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    return text;
  }
}
