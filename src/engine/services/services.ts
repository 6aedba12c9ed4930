import type { Session } from "../session.ts";
import type { Value } from "../values.ts";

export class Services {
  readonly #session: Session;
  constructor(session: Session) {
    this.#session = session;
  }
  hold(
    bindings: readonly { readonly alias: string; readonly service: Value<"Service"> }[],
  ): Promise<{ hosts: Record<string, string>; release(): Promise<void> }> {
    void this.#session;
    void bindings;
    return Promise.resolve({ hosts: {}, release: () => Promise.resolve() });
  }
  start(_service: unknown): Promise<void> {
    throw new Error("todo");
  }
  stop(_service: unknown, _kill: boolean): Promise<void> {
    throw new Error("todo");
  }
  stopAll(): Promise<void> {
    return Promise.resolve();
  }
}
