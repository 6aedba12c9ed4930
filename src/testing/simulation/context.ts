import { strategyOf } from "../../delivery/strategy.ts";
import { watchingOf } from "../../delivery/watching.ts";
import type { Ledger } from "../../model/ledger.ts";
import { ungated } from "../../release/gates/gating.ts";
import type { Emergency } from "../../release/gates/requirements.ts";
import type { EnvironmentState, ReleaseContext } from "../../release/release.ts";
import type { SimulatedPerson } from "../people/people.ts";
import { executors, releaseContext } from "../release-context.ts";
import { backupPolicyOf, backupsFor } from "./backups.ts";
import { settingsOf } from "./brought.ts";
import { gatingOf } from "./candidates.ts";
import { metricsFor, noteDone, requireTaken, targetFor, type Place } from "./place.ts";
import type { SimulatedProcess } from "./process.ts";
import { scriptsOf } from "./scripts.ts";
import type { World } from "./world.ts";

export interface Caller {
  readonly place: Place;
  readonly process: SimulatedProcess;
  readonly ledger: Ledger;
  readonly state: EnvironmentState;
  readonly requester: SimulatedPerson;
  /** What is checked out where the command is given: its config and its scripts count. Null for what is in no release. */
  readonly version: string | null;
  /** Null for what no gate is asked about: it was let through before, or goes back. */
  readonly gates: { readonly emergency: Emergency | null } | null;
}

/** All that a real command acts on, with what is simulated in its place. */
export async function contextOf(world: World, caller: Caller): Promise<ReleaseContext> {
  const { place, process, ledger, state, requester, version, gates } = caller;
  const { clock, behaviours, scenario } = world;
  const { name: environment } = place;
  const settings = settingsOf(world, environment, version);
  const scripts = scriptsOf(scenario, version, process.clock);
  const backupPolicy = backupPolicyOf(world, environment, version);
  return releaseContext({
    ...{ ledger, environment, clock: process.clock, actor: requester.actor },
    pipeline: scenario.config.name,
    target: targetFor(place, process, behaviours, clock),
    strategy: strategyOf(settings),
    metrics: metricsFor(place, settings, behaviours, { scenario, clock }),
    ...watchingOf(settings),
    maintenance: settings.maintenance,
    backupPolicy,
    backups: backupsFor(place, backupPolicy, { process, scripts }),
    gating:
      gates === null
        ? ungated
        : await gatingOf(world, environment, version, {
            ...{ state, requester, emergency: gates.emergency },
            runChecklist: (items) => process.ask(() => scripts.checklist(items)),
          }),
    executors: executorsFor(world, caller, scripts),
  });
}

/** What is carried out beside the target, as a process reaches it. */
function executorsFor(
  { scenario, clock }: World,
  { place, process }: Caller,
  scripts: ReturnType<typeof scriptsOf>,
): ReleaseContext["executors"] {
  const { migrateSeconds } = scenario.database;
  const { migrate, migrationState } = place.database.executors;
  return executors({
    migrate: (operation, context) =>
      process.ask(async () => {
        requireTaken(place, `migrate ${operation.migrations.map(({ name }) => name).join(",")}`);
        if (migrateSeconds > 0) await process.clock.sleep(1000 * migrateSeconds, context.signal);
        const result = await migrate(operation, context);
        noteDone(place, "migrate", context, clock);
        return result;
      }),
    migrationState: (operation, context) => process.ask(() => migrationState(operation, context)),
    runScript: (script, _urls, { signal }) =>
      process.ask(async () => {
        requireTaken(place, `run-script ${script}`);
        await scripts.run(script, "SMOKE_FAILED", signal);
        return { observed: `${script} passed` };
      }),
  });
}
