import { appendFileSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";

/** The file in which this process writes what it uses, a name a line; it counts for as long as the process lives. */
export class UseRegister {
  readonly #path: string;
  readonly #names = new Set<string>();

  constructor(path: string) {
    this.#path = path;
  }

  add(name: string): void {
    if (this.#names.has(name)) return;
    this.#names.add(name);
    try {
      appendFileSync(this.#path, `${name}\n`, { mode: 0o600 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
      appendFileSync(this.#path, `${name}\n`, { mode: 0o600 });
    }
  }
}
