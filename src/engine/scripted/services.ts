import type { SessionServices } from "../executor/executor.ts";
import type { ServiceDefinition } from "../services/definition.ts";
import type { RunningService } from "../services/running.ts";
import { notScripted } from "../session.ts";

/** Services that are only named: nothing is started, and whoever asks where one is gets its hostname. */
export class NamedServices implements SessionServices {
  readonly #started = new Map<string, RunningService>();

  async hold(bindings: Parameters<SessionServices["hold"]>[0]) {
    await Promise.all(bindings.map(({ service }) => service.state()));
    return { hosts: {}, release: () => undefined };
  }

  /** For what the engine itself fetches over a network. */
  holdFor(): Promise<never> {
    return Promise.reject(notScripted());
  }

  start(definition: ServiceDefinition): Promise<void> {
    const forwards = "forwards" in definition ? definition.forwards : [];
    const ports = forwards.map(({ frontend, backend }) => ({
      ...{ port: frontend === 0 ? backend : frontend, protocol: "TCP" as const, description: null },
      experimentalSkipHealthcheck: false,
    }));
    this.#started.set(definition.key, {
      address: definition.kind === "tunnel" ? "localhost" : definition.hostname,
      ...(definition.kind === "program" ? {} : { ports }),
      ended: Promise.resolve(),
      stop: () => this.stop(definition.key),
    });
    return Promise.resolve();
  }

  stop(key: string): Promise<void> {
    this.#started.delete(key);
    return Promise.resolve();
  }

  running(key: string): RunningService | undefined {
    return this.#started.get(key);
  }

  stopAll(): Promise<void> {
    this.#started.clear();
    return Promise.resolve();
  }
}
