import { setTimeout as sleep } from "node:timers/promises";
import { EngineError } from "../errors.ts";
import type { ServiceDefinition } from "./definition.ts";

/** A service of this session that has ports which another wants. */
export interface Occupant {
  readonly definition: ServiceDefinition;
  /** Steps and services that use it now. */
  readonly holders: number;
  /** Held until it is stopped, by whoever started it. */
  readonly isExplicit: boolean;
}

const longestWaitMs = 120_000;
/** For one that was started by hand: nobody but its owner knows when it ends. */
const explicitWaitMs = 30_000;

/**
 * Waits until no other service of this session has the ports: all share one network. `evict` ends one that nobody
 * uses any more. Who would wait for himself is told at once.
 */
export async function makeRoom(
  definition: ServiceDefinition,
  together: ReadonlySet<string>,
  occupantOf: (port: number) => Occupant | undefined,
  evict: (occupant: Occupant) => Promise<void>,
): Promise<void> {
  const needed = await neededBy(definition);
  const began = Date.now();
  for (const { port, protocol } of definition.ports) {
    for (
      let occupant = occupantOf(port);
      protocol === "TCP" && occupant !== undefined;
      occupant = occupantOf(port)
    ) {
      const { key, hostname } = occupant.definition;
      const patienceMs = occupant.isExplicit ? explicitWaitMs : longestWaitMs;
      const isForEver = needed.has(key) || together.has(key) || Date.now() - began > patienceMs;
      if (occupant.holders === 0) await evict(occupant);
      else if (isForEver) throw new EngineError(collision(port, hostname));
      else await sleep(50);
    }
  }
}

async function neededBy(definition: ServiceDefinition): Promise<ReadonlySet<string>> {
  const keys = new Set<string>();
  const visit = async (service: ServiceDefinition): Promise<void> => {
    for (const binding of service.kind === "program" ? service.container.bindings : []) {
      const bound = await binding.service.state();
      if (keys.has(bound.key)) continue;
      keys.add(bound.key);
      await visit(bound);
    }
  };
  await visit(definition);
  return keys;
}

function collision(port: number, hostname: string): string {
  return `port ${String(port)} is taken by the service ${hostname} of this session, and services of the embedded engine share one network: give one of them another port, or use the real engine (--engine dagger)`;
}
