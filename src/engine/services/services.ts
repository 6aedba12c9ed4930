import { EngineError, StepError } from "../errors.ts";
import type { Session } from "../session.ts";
import { refusal } from "../validation.ts";
import type { Value } from "../values.ts";
import type { ServiceDefinition } from "./definition.ts";
import { startHostService } from "./host-service.ts";
import { Exited, type RunningService } from "./running.ts";
import { startPostgresService } from "./postgres-service.ts";
import { all } from "../all.ts";
import { makeRoom } from "./room.ts";
import { startProgram } from "./program-service.ts";
import { startTunnel } from "./tunnel.ts";

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
  isExplicit: boolean;
  linger: NodeJS.Timeout | undefined;
}

/** How long a service stays when nobody holds it: the next step of a chain finds the same process, as on the real engine. */
const lingerMs = 10_000;

/** Starts each definition once, for all that hold it, and ends it after the last. */
export class Services {
  readonly #session: Session;
  readonly #slots = new Map<string, Slot>();
  readonly #ending = new Map<Promise<void>, ServiceDefinition>();

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
      const definitions = await all(
        bindings.map(async ({ alias, service }) => [alias, await service.state()] as const),
      );
      const together = new Set(definitions.map(([, definition]) => definition.key));
      const named = await all(
        definitions.map(async ([alias, definition]) => {
          if (definition.kind === "tunnel") throw new EngineError(refusal("a tunnel bound to a container"));
          const slot = this.#take(definition, together);
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

  /** Has this one running, if any, for work of the engine itself; it is found by its own name. */
  async holdFor(service: Value<"Service"> | undefined): Promise<HeldServices> {
    if (service === undefined) return this.hold([], []);
    return this.hold([{ alias: (await service.state()).hostname, service }], []);
  }

  /** Starts it until it is stopped, or the session ends. */
  async start(definition: ServiceDefinition): Promise<void> {
    const slot = this.#take(definition, new Set());
    slot.isExplicit = true;
    try {
      await slot.started;
    } catch (error) {
      slot.isExplicit = false;
      this.#release(slot);
      throw error instanceof Exited ? new EngineError("service exited before healthcheck") : error;
    }
  }

  async stop(key: string, kill: boolean): Promise<void> {
    const slot = this.#slots.get(key);
    if (slot !== undefined) await this.#end(slot, kill);
  }

  /** The service of this key, where it takes connections now. */
  running(key: string): RunningService | undefined {
    return this.#slots.get(key)?.running;
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#slots.values()].map((slot) => this.#end(slot, true)));
    await Promise.all(this.#ending.keys());
  }

  #take(definition: ServiceDefinition, together: ReadonlySet<string>): Slot {
    const known = this.#slots.get(definition.key);
    if (known !== undefined) {
      known.holders++;
      clearTimeout(known.linger);
      return known;
    }
    const started = this.#launch(definition, together);
    const slot: Slot = {
      definition,
      started,
      running: undefined,
      holders: 1,
      isExplicit: false,
      linger: undefined,
    };
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

  async #launch(definition: ServiceDefinition, together: ReadonlySet<string>): Promise<RunningService> {
    this.#session.signal.throwIfAborted();
    if (definition.kind === "tunnel") return startTunnel(this.#session, definition);
    if (definition.kind === "program" && isPostgres(definition))
      return startPostgresService(this.#session, definition);
    const others = new Set([...together].filter((key) => key !== definition.key));
    await makeRoom(
      definition,
      others,
      (port) => this.#occupantOf(definition, port),
      ({ definition: { key } }) => this.stop(key, false),
    );
    await this.#untilEnded(definition);
    return definition.kind === "host"
      ? startHostService(definition)
      : startProgram(this.#session, definition);
  }

  /** A port is free only when the program that had it is gone. */
  async #untilEnded({ ports }: ServiceDefinition): Promise<void> {
    const wanted = new Set(ports.map(({ port }) => port));
    const inTheWay = [...this.#ending].filter(
      ([, other]) => other.ports.length === 0 || other.ports.some(({ port }) => wanted.has(port)),
    );
    await Promise.allSettled(inTheWay.map(([ending]) => ending));
  }

  #occupantOf(definition: ServiceDefinition, port: number): Slot | undefined {
    const others = [...this.#slots.values()].filter(
      (slot) =>
        slot.definition.key !== definition.key &&
        slot.definition.kind !== "tunnel" &&
        !isPostgres(slot.definition) &&
        this.#isBefore(slot, definition),
    );
    // Where a service without ports listens nobody knows: one that is only lingering makes room too.
    const has = ({ definition: { ports }, holders }: Slot) =>
      (holders === 0 && ports.length === 0) ||
      ports.some((other) => other.port === port && other.protocol === "TCP");
    return others.find(has);
  }

  /** Of two that want one port the one that asked first has it. */
  #isBefore(slot: Slot, definition: ServiceDefinition): boolean {
    const order = [...this.#slots.keys()];
    const own = order.indexOf(definition.key);
    return own === -1 || order.indexOf(slot.definition.key) < own;
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
    this.#ending.set(ending, slot.definition);
    await ending.finally(() => this.#ending.delete(ending));
  }

  #hostnames(): Record<string, string> {
    const running = [...this.#slots.values()].filter((slot) => slot.running !== undefined);
    return Object.fromEntries(
      running.map(({ definition, running: service }) => [definition.hostname, service?.address ?? ""]),
    );
  }
}

function isPostgres(definition: ServiceDefinition): boolean {
  return definition.kind === "program" && definition.container.postgres !== null;
}

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
