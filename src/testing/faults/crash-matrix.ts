import { failure } from "../../model/errors.ts";
import { environmentState } from "../../release/state.ts";
import { snapshotOf } from "../simulation/judge.ts";
import { namesOf } from "../scenario/rules.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { simulate, type Simulation } from "../simulation/simulate.ts";
import { momentsOf, type Moment } from "./killed-at.ts";

/** What came of one crash. */
export interface CrashedRun {
  readonly moment: Moment;
  readonly simulation: Simulation;
  /** Whether anything of the deployment was written down before: else there was nothing to go on with. */
  readonly begun: boolean;
  /** What is there in the end, by environment: `v2 is live, v2 serves, nothing is left, migrated: 1_init, backups: `. */
  readonly end: Readonly<Record<string, string>>;
}

export interface CrashMatrix {
  /** The same of the run in which nobody was killed, and of what was there before the command. */
  readonly uninterrupted: Readonly<Record<string, string>>;
  readonly before: Readonly<Record<string, string>>;
  readonly runs: readonly CrashedRun[];
}

/**
 * Carries a scenario out once for each write of one of its commands to the ledger, before and after it: its process dies there,
 * and what follows in the scenario (somebody who resumes, or aborts) goes on from it.
 * @param name of the command that dies: a deploy, promote, rollback, resume or abort
 * @throws FairwayError SCENARIO_INVALID (exit 2)
 */
export async function crashMatrix(scenario: Scenario, name: string): Promise<CrashMatrix> {
  const at = namesOf(scenario.events as never).indexOf(name);
  const dying = scenario.events[at];
  if (dying === undefined) throw failure(`there is no command ${name}`, { code: "SCENARIO_INVALID" });
  const whole = await simulate(scenario);
  const earlier = await simulate({ ...scenario, events: scenario.events.slice(0, at) });
  const writes = writesOf(whole, earlier);
  const runs: CrashedRun[] = [];
  for (const moment of momentsOf(writes)) {
    const crash = { write: moment.write, moment: moment.when };
    const events = scenario.events.map((event, index) => (index === at ? { ...event, crash } : event));
    const simulation = await simulate({ ...scenario, events: events });
    const begun = moment.write > 1 || moment.when === "after";
    runs.push({ moment, simulation, begun, end: endOf(simulation) });
  }
  return { uninterrupted: endOf(whole), before: endOf(earlier), runs };
}

/** Those of the command; whoever resumes afterwards has nothing to do in the run that nobody interrupted. */
function writesOf({ events }: Simulation, earlier: Simulation): number {
  return events.length - earlier.events.length;
}

function endOf({ places, events }: Simulation): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...places.values()].map((place) => {
      const { unsettled } = environmentState(place.name, events);
      const { live, serves, maintenance, migrated, backups } = snapshotOf(place, events);
      const left = unsettled === null ? "nothing" : `${unsettled.id} (${unsettled.outcome})`;
      return [
        place.name,
        `${live} is live, ${serves} serves${maintenance === "on" ? " in maintenance" : ""}, ${left} is left, ` +
          `migrated: ${migrated.join(", ")}, backups: ${backups.join(", ")}`,
      ];
    }),
  );
}
