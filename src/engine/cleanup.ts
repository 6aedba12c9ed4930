/** What has to be undone, in reverse order; every part is tried, the first fault is told. */
export class Cleanup implements AsyncDisposable {
  #undo: (() => Promise<void> | void)[] = [];

  defer(undo: () => Promise<void> | void): void {
    this.#undo.push(undo);
  }

  use<T extends AsyncDisposable>(resource: T): T {
    this.defer(() => resource[Symbol.asyncDispose]() as Promise<void>);
    return resource;
  }

  /** Hands everything over to a new owner. */
  move(): Cleanup {
    const next = new Cleanup();
    next.#undo = this.#undo;
    this.#undo = [];
    return next;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const faults: unknown[] = [];
    for (const undo of this.#undo.toReversed()) {
      try {
        await undo();
      } catch (error) {
        faults.push(error);
      }
    }
    this.#undo = [];
    if (faults.length > 0) throw faults[0];
  }
}
