import type { Emergency } from "../../release/gates/requirements.ts";
import type { Gating } from "../../release/gates/gating.ts";
import { policyOf } from "../../release/gates/policy.ts";
import type { PlannedChanges, Release } from "../../model/plan.ts";
import { readState, type Candidate, type EnvironmentState } from "../../release/release.ts";
import type { SimulatedPerson } from "../people/people.ts";
import { releaseOf } from "../releases.ts";
import type { Place } from "./place.ts";
import type { World } from "./world.ts";

/** A release of the scenario as what is about to come to an environment. */
export function candidateOf(
  world: World,
  place: Place,
  version: string,
  { state, isPromoted }: { readonly state: EnvironmentState; readonly isPromoted: boolean },
): Candidate {
  const { scenario, places } = world;
  const { migrations = [] } = scenario.releases[version] ?? {};
  const leadsOn = [...places.values()].some(({ settings }) => settings.after === place.name);
  return {
    release: simulatedRelease(world, version),
    migrations: migrations.map((name) => ({ name, phase: "expand" })),
    smoke: place.settings.smoke.filter((check) => "service" in check),
    scripts: place.settings.smoke.flatMap((check) => ("script" in check ? [check.script] : [])),
    tags: [],
    standIns: [],
    after: state.lastChange,
    ...{ leadsOn, isPromoted },
  };
}

function simulatedRelease({ scenario }: World, version: string): Release {
  const { services } = scenario;
  const { branch = "main", migrations = [] } = scenario.releases[version] ?? {};
  const made = releaseOf(version, Object.keys(services));
  return {
    ...made,
    ...{ branch, migrations },
    services: made.services.map((service) => ({ ...service, ...services[service.name] })),
  };
}

/** What the gates of an environment ask: its own rules, which stay as the scenario has them. */
export async function gatingOf(
  world: World,
  place: Place,
  version: string,
  asks: {
    readonly state: EnvironmentState;
    readonly requester: SimulatedPerson;
    readonly emergency: Emergency | null;
  },
): Promise<Gating> {
  const { scenario, signers, ledger } = world;
  const policy = policyOf(place.settings);
  const { after } = policy;
  const before = after === null ? null : (await readState({ environment: after, ledger })).live;
  return {
    inForce: {
      policy,
      commit: asks.state.line.at(-1)?.release.commit ?? null,
      signers: policy.approvals === null ? null : signers,
    },
    brings: policy,
    newRules: null,
    changes: changesOf(world, version, asks.state),
    before: after === null || before === null ? null : { environment: after, ...before },
    requester: { name: asks.requester.name, email: asks.requester.email },
    tags: scenario.releases[version]?.tags ?? [],
    emergency: asks.emergency,
  };
}

/** One commit each, of those that come between what is live and this one in the order of the scenario. */
function changesOf({ scenario, person }: World, version: string, state: EnvironmentState): PlannedChanges {
  const live = state.line.at(-1)?.release.version;
  if (live === undefined || live === version) return { complete: true, commits: [] };
  const versions = Object.keys(scenario.releases);
  const [from, to] = [versions.indexOf(live), versions.indexOf(version)];
  const between = from < to ? versions.slice(from + 1, to + 1) : [version];
  return {
    complete: true,
    commits: between.reverse().map((one) => {
      const { name, email } = person(scenario.releases[one]?.author ?? "");
      const { commit } = releaseOf(one);
      return { commit, subject: `Release ${one}`, author: { name, email }, coAuthors: [] };
    }),
  };
}
