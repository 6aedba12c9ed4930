/** Bytes that are not what they must be. Thrown inside this folder only; its doors answer it as a refusal. */
export class Malformed extends Error {
  override readonly name = "Malformed";
}

/** Reads SSH's wire encoding (RFC 4251, section 5) and takes nothing on trust. */
export class WireReader {
  private offset = 0;
  private readonly bytes: Buffer;
  private readonly what: string;

  /** @param what what the bytes are, for the refusal: `the signature` */
  constructor(bytes: Buffer, what: string) {
    this.bytes = bytes;
    this.what = what;
  }

  take(length: number): Buffer {
    if (this.offset + length > this.bytes.length) throw new Malformed(`${this.what} is cut off`);
    this.offset += length;
    return this.bytes.subarray(this.offset - length, this.offset);
  }

  byte(): number {
    return this.take(1).readUInt8();
  }

  uint32(): number {
    return this.take(4).readUInt32BE();
  }

  string(): Buffer {
    return this.take(this.uint32());
  }

  /** A name of the protocol, which is ASCII. */
  name(): string {
    return this.string().toString("latin1");
  }

  /** A positive integer as its bytes, without a sign byte; refused in any but the shortest spelling. */
  positive(): Buffer {
    const bytes = this.string();
    const [first, second] = bytes;
    if (first === undefined || first > 0x7f)
      throw new Malformed(`${this.what} has a number that is not positive`);
    if (first !== 0) return bytes;
    if (second === undefined || second <= 0x7f)
      throw new Malformed(`${this.what} has a number with needless zeros`);
    return bytes.subarray(1);
  }

  end(): void {
    const left = this.bytes.length - this.offset;
    if (left > 0) throw new Malformed(`${this.what} has ${String(left)} bytes too many`);
  }
}

export function wireString(value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value as string);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** Base64 in its one spelling: padded, with no stray bits, no other characters. */
export function strictBase64(text: string, what: string): Buffer {
  const bytes = Buffer.from(text, "base64");
  if (text === "" || bytes.toString("base64") !== text) throw new Malformed(`${what} is not base64`);
  return bytes;
}

/** What the work answers, or why its input is refused. */
export function refusing<T>(work: () => T): { readonly ok: true; readonly value: T } | Refused {
  try {
    return { ok: true, value: work() };
  } catch (error) {
    if (error instanceof Malformed) return { ok: false, why: error.message };
    throw error;
  }
}

export interface Refused {
  readonly ok: false;
  /** In words for people. */
  readonly why: string;
}
