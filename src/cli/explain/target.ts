import type { Ledger } from "../../model/ledger.ts";
import type { Observation, ObservedReplica, Target } from "../../model/target.ts";
import { readState, type EnvironmentState } from "../../release/release.ts";
import type { Seen } from "./seen.ts";

/** A target that is not asked: what the ledger says is live is taken to run there, and what would be changed is told. */
export function explainedTarget(opened: Target, ledger: () => Promise<Ledger>, seen: Seen): Target {
  const { kind, environment, rollout, capabilities, backups } = opened;
  const refuse = () =>
    Promise.reject(seen.end(`${environment} is not changed where a call is only explained`));
  const known = async () => readState({ environment, ledger: await ledger() });
  return {
    ...{ kind, environment, rollout },
    ...(capabilities === undefined ? {} : { capabilities }),
    limitations: (services) => opened.limitations?.(services) ?? [],
    observe: async () => {
      const state = await known();
      seen.looksAt(`look at what runs in ${environment}`);
      const runs =
        state.live === null ? "nothing" : `${state.live.release.version}, which is live by its ledger,`;
      seen.assume(`what really runs in ${environment}`, `${runs} is taken to run there`);
      return observed(state, rollout);
    },
    prepare: async ({ operationId }) => {
      const [deployment = ""] = operationId.split("/");
      seen.change(`get ${environment} ready`);
      const begun = (await known()).deployments.some(({ id }) => id === deployment);
      if (begun)
        throw seen.end(
          `what is left to do of ${deployment} follows from what really runs, which is not looked at`,
        );
      return { urls: {}, databaseUrl: null };
    },
    stop: async (_context, { removeData }) => {
      seen.change(`stop all that runs in ${environment}${removeData ? ", and remove its data" : ""}`);
    },
    ...(opened.maintain === undefined
      ? {}
      : {
          maintain: async (on) => {
            seen.change(
              on ? `keep visitors out of ${environment}` : `let visitors into ${environment} again`,
            );
            return { observed: on ? "on" : "off" };
          },
        }),
    ...(backups === undefined
      ? {}
      : {
          backups: {
            // Those that the ledger knows of.
            list: () => Promise.resolve(null),
            ...{ make: refuse, restore: refuse, restoreState: () => Promise.resolve("unknown") },
          },
        }),
    ...{ apply: refuse, smoke: refuse, urls: () => Promise.resolve({}) },
    logs: async function* () {
      yield* [];
      await refuse();
    },
  };
}

function observed({ live, appliedMigrations }: EnvironmentState, rollout: Target["rollout"]): Observation {
  const services = live?.release.services ?? [];
  if (rollout === "as a whole") {
    const images = Object.fromEntries(services.map(({ name, image }) => [name, image]));
    const revision = { id: live?.release.version ?? "none", images, health: "healthy" as const, detail: "" };
    return { services: [], revision, database: null };
  }
  return {
    services: services.map(({ name, image, replicas }) => ({
      ...{ name, url: null },
      replicas: Array.from({ length: replicas }, (_, index) => replica(live, image, index)),
    })),
    database: appliedMigrations.length === 0 ? null : { running: true, version: null },
  };
}

function replica(live: EnvironmentState["live"], image: string, index: number): ObservedReplica {
  const { release, since } = live ?? { release: { version: "" }, since: "" };
  return {
    ...{ index, version: release.version, image, processId: 0 },
    ...{ state: "ready", inRotation: true, startedAt: since },
  };
}
