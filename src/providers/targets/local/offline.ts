import type { Observation, ObservedReplica } from "../../../model/target.ts";
import { isAlive } from "../../../host/processes/processes.ts";
import type { EnvironmentPaths } from "./paths.ts";
import { stoppedDatabase } from "./database.ts";
import { probe } from "./probe.ts";
import { readState, seenMaintenance, type RecordedReplica } from "./state.ts";

/**
 * What runs when no supervisor does: replicas that one left behind are alive, maybe, and nothing sends them requests.
 * No service has an address then, because nothing listens there.
 */
export async function observeWithoutSupervisor(
  paths: EnvironmentPaths,
  environment: string,
): Promise<Observation> {
  const state = await readState(paths.state, environment);
  const alive = state.replicas.filter((replica) => isAlive(replica.identity));
  const names = [...new Set(alive.map((replica) => replica.service))];
  const services = names.map(async (name) => {
    const replicas = alive.filter((replica) => replica.service === name).map(observeStray);
    return { name, url: null, replicas: await Promise.all(replicas) };
  });
  const database = stoppedDatabase(paths.postgres, state);
  return { services: await Promise.all(services), database, maintenance: seenMaintenance(state) };
}

async function observeStray(replica: RecordedReplica): Promise<ObservedReplica> {
  const { index, beside, version, image, startedAt, identity } = replica;
  const answer = await probe(replica.port, replica.readyPath, 1_000);
  const state = answer.kind === "ok" ? "ready" : "unready";
  return {
    ...{ index, version, image, processId: identity.pid, state, inRotation: false, startedAt },
    ...(beside === true ? { beside } : {}),
  };
}
