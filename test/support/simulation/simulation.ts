import type { Clock } from "../../../src/model/clock.ts";
import type { Ledger } from "../../../src/model/ledger.ts";
import { openSqliteLedger } from "../../../src/providers/ledgers/sqlite.ts";
import {
  readState,
  release,
  type Candidate,
  type EnvironmentState,
  type ReleaseContext,
  type ReleaseOutcome,
} from "../../../src/release/release.ts";
import {
  executors,
  releaseContext,
  simulatedBackups,
  type SimulatedBackups,
  simulatedDatabase,
  type SimulatedDatabase,
  simulatedTarget,
  type SimulatedTarget,
  virtualClock,
  type VirtualClock,
} from "../../../src/testing/testing.ts";

/** An environment in memory, with a time of its own: what acts on it is Fairway's own code, and what it acts on is simulated. */
export interface Simulation<C extends Clock = VirtualClock> {
  readonly clock: C;
  /** A real one, which outlives whoever is killed. */
  readonly ledger: Ledger;
  readonly target: SimulatedTarget;
  readonly database: SimulatedDatabase;
  readonly backups: SimulatedBackups;
  /** What a command acts on, with what a test is about. */
  readonly context: (fields?: Partial<ReleaseContext>) => ReleaseContext;
  readonly state: () => Promise<EnvironmentState>;
  /** As the command does: what is known of the environment is read before the evidence is gathered. */
  readonly deploy: (wanted: Candidate, where?: ReleaseContext) => Promise<ReleaseOutcome>;
}

/** What each command acts with, where that is not the usual. */
export type Settings = (there: Pick<Simulation, "database" | "backups">) => Partial<ReleaseContext>;

export async function simulation(settings?: Settings): Promise<Simulation>;
export async function simulation<C extends Clock>(settings: Settings, clock: C): Promise<Simulation<C>>;
export async function simulation(
  settings: Settings = () => ({}),
  clock: Clock = virtualClock(),
): Promise<Simulation<Clock>> {
  const ledger = await openSqliteLedger(":memory:", clock);
  const database = simulatedDatabase();
  const backups = simulatedBackups(database);
  const target = simulatedTarget(settings({ database, backups }).environment);
  const context = (fields: Partial<ReleaseContext> = {}) =>
    releaseContext({
      ...{ ledger, target, clock, executors: executors(database.executors) },
      ...settings({ database, backups }),
      ...fields,
    });
  return {
    ...{ clock, ledger, target, database, backups, context },
    state: () => readState(context()),
    deploy: async (wanted, where = context()) =>
      release({ ...wanted, after: (await readState(where)).lastChange }, where),
  };
}
