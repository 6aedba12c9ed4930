import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { EngineError } from "../errors.ts";
import type { Found } from "../states.ts";
import { refusal } from "../validation.ts";

/** One file, and what to look for in it. */
export interface Look {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly expression: RegExp;
  readonly byLines: boolean;
}

export interface SearchLimits {
  /** How long one search may look in all; half a minute unless told. */
  readonly timeoutMs?: number;
  /** Ends the search with the session. */
  readonly signal?: AbortSignal;
}

/**
 * Looks for expressions in a thread of its own. JavaScript's can take exponential time where ripgrep's do not: that
 * neither holds up the session nor lasts.
 */
export class SearchThread implements AsyncDisposable {
  readonly #worker = new Worker(
    new URL(import.meta.url.endsWith(".ts") ? "search-thread.ts" : "search-thread.js", import.meta.url),
  );
  readonly #end: AbortSignal;
  readonly #timeout: AbortSignal;

  constructor({ timeoutMs = 30_000, signal }: SearchLimits = {}) {
    this.#timeout = AbortSignal.timeout(timeoutMs);
    this.#end = AbortSignal.any([this.#timeout, ...(signal === undefined ? [] : [signal])]);
  }

  /** One at a time. @throws EngineError when the time is over or the session ends */
  async look(look: Look): Promise<readonly Found[]> {
    this.#worker.postMessage(look);
    try {
      const [found] = (await once(this.#worker, "message", { signal: this.#end })) as [readonly Found[]];
      return found;
    } catch (error) {
      if (this.#timeout.aborted) {
        const what = `a search that takes too long (in ${look.path}, for ${JSON.stringify(look.expression.source)})`;
        throw new EngineError(refusal(what));
      }
      throw this.#end.aborted ? new EngineError("the session was closed") : error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }
}
