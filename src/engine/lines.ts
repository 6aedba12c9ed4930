import type { Scrubber } from "./scrub.ts";

/** Text through a scrubber, passed on a line at a time. */
export class StringLines {
  readonly #scrubber: Scrubber;
  readonly #pass: (text: string) => void;

  constructor(scrubber: Scrubber, pass: (text: string) => void) {
    this.#scrubber = scrubber;
    this.#pass = pass;
  }

  write(text: string): void {
    const clean = this.#scrubber.write(Buffer.from(text)).toString();
    if (clean !== "") this.#pass(clean);
  }
}
