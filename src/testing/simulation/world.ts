import type { EnvironmentConfig } from "../../config/config.ts";
import { failure } from "../../model/errors.ts";
import type { Ledger, LedgerEvent } from "../../model/ledger.ts";
import { judgeWindows } from "../../release/gates/windows/windows.ts";
import { eventClock, type EventClock } from "../clocks/event-clock.ts";
import { memoryLedger } from "../ledger/memory-ledger.ts";
import { personNamed, type SimulatedPerson } from "../people/people.ts";
import type { CheckedScenario } from "../scenario/scenario.ts";
import { clockOf } from "../scenario/times.ts";
import { behaviours, type Behaviours } from "./behaviours.ts";
import { placeOf, type Place } from "./place.ts";

/** All that the processes of a simulation share. */
export interface World {
  readonly scenario: CheckedScenario;
  readonly clock: EventClock;
  readonly ledger: Ledger;
  readonly places: ReadonlyMap<string, Place>;
  readonly behaviours: Behaviours;
  /** Names of all who are mentioned. */
  readonly everybody: readonly string[];
  readonly person: (name: string) => SimulatedPerson;
  /** Milliseconds since the start. */
  readonly since: (time: string) => number;
  /** Told of each event of the ledger. */
  readonly onEvent: Set<(event: LedgerEvent) => void>;
}

export async function makeWorld(scenario: CheckedScenario): Promise<World> {
  const { start, since } = await clockOf(scenario.start, scenario.zone);
  const clock = eventClock(start.toISOString());
  const onEvent: World["onEvent"] = new Set();
  const own = memoryLedger(clock);
  const ledger: Ledger = {
    ...own,
    append: async (event, lease) => {
      const appended = await own.append(event, lease);
      for (const listener of onEvent) listener(appended);
      return appended;
    },
  };
  const person = (name: string) => personNamed(name, scenario.people);
  const names = new Set([
    ...Object.keys(scenario.people),
    ...scenario.events.flatMap((event) => ("by" in event ? [event.by] : [])),
  ]);
  const known = behaviours(scenario, clock);
  const places = Object.keys(scenario.config.environments).map((name): [string, Place] => [
    name,
    placeOf(name, { scenario, clock, behaviours: known }),
  ]);
  for (const { environments } of [scenario.config, ...scenario.brought.values()])
    await loadCalendars(environments, start);
  return {
    ...{ scenario, clock, ledger, onEvent, person, since, behaviours: known },
    places: new Map(places),
    everybody: [...names],
  };
}

export function placeNamed(world: World, name: string | undefined): Place {
  const [first] = world.places.values();
  const place = name === undefined ? first : world.places.get(name);
  if (place !== undefined) return place;
  throw failure(`there is no environment ${String(name)}`, { code: "SCENARIO_INVALID" });
}

/** What windows are told with is loaded when it is first asked for: that takes time, and the clock does not wait for it. */
async function loadCalendars(
  environments: Readonly<Record<string, EnvironmentConfig>>,
  now: Date,
): Promise<void> {
  for (const { windows, freezes } of Object.values(environments))
    await judgeWindows({ windows, freezes }, now);
}
