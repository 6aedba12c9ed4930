import { afterEach, beforeEach } from "vitest";
import { simulation, type Simulation } from "./simulation.ts";

/** A simulation of its own for each test of a file, or of a `describe`; a setting is asked for anew by each of its commands. */
export function simulationForEachTest(settings?: Parameters<typeof simulation>[0]): Simulation {
  let current: Simulation | undefined;
  beforeEach(async () => {
    current = await simulation(settings);
  });
  afterEach(() => current?.ledger.close());
  const here = (): Simulation => {
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
