import { afterEach, beforeEach } from "vitest";
import type { Clock } from "../../../src/model/clock.ts";
import { virtualClock } from "../../../src/testing/testing.ts";
import { simulation, type Settings, type Simulation } from "./simulation.ts";

/** A simulation of its own for each test of a file, or of a `describe`; a setting is asked for anew by each of its commands. */
export function simulationForEachTest(settings?: Settings): Simulation;
export function simulationForEachTest<C extends Clock>(settings: Settings, clock: () => C): Simulation<C>;
export function simulationForEachTest(
  settings: Settings = () => ({}),
  clock: () => Clock = virtualClock,
): Simulation<Clock> {
  let current: Simulation<Clock> | undefined;
  beforeEach(async () => {
    current = await simulation(settings, clock());
  });
  afterEach(() => current?.ledger.close());
  const here = (): Simulation<Clock> => {
    if (current === undefined) throw new Error("it is there while a test runs");
    return current;
  };
  return {
    get clock() {
      return here().clock;
    },
    get ledger() {
      return here().ledger;
    },
    get target() {
      return here().target;
    },
    get database() {
      return here().database;
    },
    get backups() {
      return here().backups;
    },
    context: (fields) => here().context(fields),
    state: () => here().state(),
    deploy: (wanted, where) => here().deploy(wanted, where),
  };
}
