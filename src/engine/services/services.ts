import { EngineError, StepError } from "../errors.ts";
import type { Session } from "../session.ts";
import type { Value } from "../values.ts";
import type { ServiceDefinition } from "./definition.ts";
import { startPostgresService } from "./postgres-service.ts";
import { startProgram } from "./program-service.ts";

/** A service that takes connections. */
export interface RunningService {
  /** Where its ports are, for /etc/hosts. */
  readonly address: string;
  /** Resolves when it has ended, however. */
  readonly ended: Promise<unknown>;
  stop(kill: boolean): Promise<void>;
}

/** The services of some bindings, running until they are released. */
export interface HeldServices {
  /** Names that resolve in the step, to addresses. */
  readonly hosts: Readonly<Record<string, string>>;
  release(): void;
}

interface Slot {
  readonly definition: ServiceDefinition;
  readonly started: Promise<RunningService>;
  running: RunningService | undefined;
  holders: number;
  linger: NodeJS.Timeout | undefined;
}

/** How long a service stays when nobody holds it: the next step of a chain finds the same process, as on the real engine. */
const lingerMs = 10_000;

/** Starts each definition once, for all that hold it, and ends it after the last. */
export class Services {
  readonly #session: Session;
  readonly #slots = new Map<string, Slot>();
  readonly #ending = new Set<Promise<void>>();

  constructor(session: Session) {
    this.#session = session;
  }

  /** Has all of these running. `command` is the step's, for the error of a service that did not stay. */
  async hold(
    bindings: readonly { readonly alias: string; readonly service: Value<"Service"> }[],
    command: readonly string[],
  ): Promise<HeldServices> {
    const taken: Slot[] = [];
    const release = () => {
      for (const slot of taken.splice(0)) this.#release(slot);
    };
    try {
      const named = await Promise.all(
        bindings.map(async ({ alias, service }) => {
          const definition = await service.state();
          const slot = this.#take(definition);
          taken.push(slot);
          return [alias, await bound(slot, alias, command)] as const;
        }),
      );
      return {
        hosts: {
          ...this.#hostnames(),
          ...Object.fromEntries(named.map(([alias, { address }]) => [alias, address])),
        },
        release,
      };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Starts it until it is stopped, or the session ends. */
  async start(definition: ServiceDefinition): Promise<void> {
    const slot = this.#take(definition);
    try {
      await slot.started;
    } catch (error) {
      this.#release(slot);
      throw error instanceof Exited ? new EngineError("service exited before healthcheck") : error;
    }
  }

  async stop(definition: ServiceDefinition, kill: boolean): Promise<void> {
    const slot = this.#slots.get(definition.key);
    if (slot !== undefined) await this.#end(slot, kill);
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#slots.values()].map((slot) => this.#end(slot, true)));
    await Promise.all(this.#ending);
  }

  #take(definition: ServiceDefinition): Slot {
    const known = this.#slots.get(definition.key);
    if (known !== undefined) {
      known.holders++;
      clearTimeout(known.linger);
      return known;
    }
    const started = this.#launch(definition);
    const slot: Slot = { definition, started, running: undefined, holders: 1, linger: undefined };
    this.#slots.set(definition.key, slot);
    const forget = () => {
      if (this.#slots.get(definition.key) === slot) this.#slots.delete(definition.key);
    };
    started.then((running) => {
      slot.running = running;
      running.ended.then(forget, forget);
    }, forget);
    return slot;
  }

  #launch(definition: ServiceDefinition): Promise<RunningService> {
    this.#session.signal.throwIfAborted();
    return definition.container.postgres === null
      ? startProgram(this.#session, definition)
      : startPostgresService(this.#session, definition);
  }

  #release(slot: Slot): void {
    slot.holders--;
    if (slot.holders > 0) return;
    slot.linger = setTimeout(() => void this.#end(slot, false), lingerMs).unref();
  }

  async #end(slot: Slot, kill: boolean): Promise<void> {
    clearTimeout(slot.linger);
    if (this.#slots.get(slot.definition.key) === slot) this.#slots.delete(slot.definition.key);
    const ending = slot.started.then(
      (running) => running.stop(kill),
      () => undefined,
    );
    this.#ending.add(ending);
    await ending.finally(() => this.#ending.delete(ending));
  }

  #hostnames(): Record<string, string> {
    const running = [...this.#slots.values()].filter((slot) => slot.running !== undefined);
    return Object.fromEntries(
      running.map(({ definition, running: service }) => [definition.hostname, service?.address ?? ""]),
    );
  }
}

/** It ended with success before its port was open. */
export class Exited extends Error {}

async function bound(slot: Slot, alias: string, command: readonly string[]): Promise<RunningService> {
  const context = `start ${slot.definition.hostname} (aliased as ${alias})`;
  try {
    return await slot.started;
  } catch (error) {
    if (error instanceof Exited) {
      throw new StepError(`${context}: service exited before healthcheck`, {
        cmd: command,
        exitCode: -1,
        stdout: "",
        stderr: "",
      });
    }
    if (error instanceof StepError) throw error.within(context);
    throw error instanceof EngineError ? new EngineError(`${context}: ${error.message}`) : error;
  }
}
