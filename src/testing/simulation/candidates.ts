import { changedRules } from "../../delivery/rules.ts";
import type { RunChecklist } from "../../release/gates/checklist.ts";
import type { Gating } from "../../release/gates/gating.ts";
import type { Emergency } from "../../release/gates/requirements.ts";
import type { PlannedChanges, Release } from "../../model/plan.ts";
import { readState, type Candidate, type EnvironmentState } from "../../release/release.ts";
import type { SimulatedPerson } from "../people/people.ts";
import { releaseOf } from "../releases.ts";
import { configOf, rulesOf, settingsOf } from "./brought.ts";
import type { World } from "./world.ts";

/** A release of the scenario as what is about to come to an environment, with what its commit says of it. */
export function candidateOf(
  world: World,
  environment: string,
  version: string,
  { state, isPromoted }: { readonly state: EnvironmentState; readonly isPromoted: boolean },
): Candidate {
  const { migrations = [] } = world.scenario.releases[version] ?? {};
  const { environments } = configOf(world, version);
  const { smoke } = settingsOf(world, environment, version);
  return {
    release: simulatedRelease(world, version),
    migrations: migrations.map((name) => ({ name, phase: "expand" })),
    smoke: smoke.filter((check) => "service" in check),
    scripts: smoke.flatMap((check) => ("script" in check ? [check.script] : [])),
    tags: [],
    standIns: [],
    after: state.lastChange,
    leadsOn: Object.values(environments).some(({ after }) => after === environment),
    isPromoted,
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

/** What the gates of an environment ask: by the rules of the last release that was proven there, as in a real delivery. */
export async function gatingOf(
  world: World,
  environment: string,
  /** What is checked out; null for what is in no release. */
  version: string | null,
  asks: {
    readonly state: EnvironmentState;
    readonly requester: SimulatedPerson;
    readonly emergency: Emergency | null;
    readonly runChecklist: RunChecklist;
  },
): Promise<Gating> {
  const { scenario, ledger } = world;
  const { state, requester, emergency, runChecklist } = asks;
  const proven = state.line.at(-1)?.release ?? null;
  const brought = await rulesOf(world, environment, version);
  const rules = proven === null ? brought : await rulesOf(world, environment, proven.version);
  const [{ policy, signers }] = rules;
  const { after } = policy;
  const before = after === null ? null : (await readState({ environment: after, ledger })).live;
  return {
    inForce: { policy, commit: proven?.commit ?? null, signers },
    brings: brought[0].policy,
    newRules: changedRules(rules, brought),
    changes: version === null ? { complete: true, commits: [] } : changesOf(world, version, state),
    before: after === null || before === null ? null : { environment: after, ...before },
    requester: { name: requester.name, email: requester.email },
    tags: (version === null ? undefined : scenario.releases[version]?.tags) ?? [],
    ...{ emergency, runChecklist },
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
