import { basename } from "node:path";
import type { LogState, ObservedReplica } from "../../../model/target.ts";
import type { ServiceProxy } from "../../../host/proxy/proxy.ts";
import type { Replica } from "./replica.ts";
import type { RecordedReplica } from "./state.ts";

/** A service that has an address, and the replicas behind it. */
export interface RunningService {
  readonly name: string;
  readonly proxy: ServiceProxy;
  /** Replicas that are to get requests while they are ready, by slot. */
  readonly admitted: Map<number, Replica>;
  /** Started and not admitted yet, or draining. */
  readonly others: Set<Replica>;
}

/**
 * Which replicas get requests: those that are ready. When none is, those that run all the same: an answer of the
 * application is worth more than the proxy's 503, and a readiness that fails everywhere (a database that is away,
 * probes that are too slow under load) must not make a partial outage a whole one. Kubernetes takes the last one
 * out, Envoy (panic threshold) and most people's expectation do not.
 */
export function balance({ proxy, admitted }: RunningService): void {
  const all = [...admitted.values()];
  const ready = all.filter((replica) => replica.state() === "ready");
  const wanted = ready.length > 0 ? ready : all.filter((replica) => replica.state() === "unready");
  for (const replica of wanted) {
    const { id, version } = replica.definition;
    proxy.admit({ id, version, address: "127.0.0.1", port: replica.port() });
  }
  const keep = new Set(wanted.map((replica) => replica.definition.id));
  for (const upstream of proxy.inRotation()) if (!keep.has(upstream.id)) proxy.withdraw(upstream.id);
}

/** By slot; in the middle of a replacement a slot has two. */
export function replicasOf({ admitted, others }: RunningService): Replica[] {
  return [...admitted.values(), ...others].sort((a, b) => a.definition.index - b.definition.index);
}

export function observeReplicas(
  service: RunningService,
  secrets: Readonly<Record<string, string>> = {},
): ObservedReplica[] {
  const inRotation = new Set(service.proxy.inRotation().map((upstream) => upstream.id));
  return replicasOf(service).map((replica) => ({
    index: replica.definition.index,
    version: replica.definition.version,
    image: replica.definition.service.image,
    processId: replica.identity()?.pid ?? 0,
    state: replica.state(),
    inRotation: inRotation.has(replica.definition.id),
    startedAt: replica.startedAt().toISOString(),
    ...lastKilled(replica),
    ...changedSecrets(replica.definition, secrets),
  }));
}

function lastKilled(replica: Replica): Pick<ObservedReplica, "lastKilled"> {
  const last = replica.lastKilled();
  return last === undefined ? {} : { lastKilled: last };
}

/** By the name of its log: how each replica is doing. */
export function logsOf(service: RunningService): [string, LogState][] {
  const inRotation = new Set(service.proxy.inRotation().map((upstream) => upstream.id));
  return replicasOf(service).map((replica) => {
    const state = replica.state();
    const told = inRotation.has(replica.definition.id) ? "serving" : state === "exited" ? "ended" : state;
    return [basename(replica.log.file), told];
  });
}

/** Names only: here, where the values are needed anyway, is the one place that compares them. */
function changedSecrets(
  { service, secrets: has }: Replica["definition"],
  given: Readonly<Record<string, string>>,
): Pick<ObservedReplica, "changedSecrets"> {
  const changed = service.secretNames.filter(
    (name) => Object.hasOwn(given, name) && given[name] !== has[name],
  );
  return changed.length === 0 ? {} : { changedSecrets: changed };
}

/**
 * Keeps visitors out, and waits until none of their requests is under way: each has as long to end as when its replica is
 * replaced. @returns what there was, for the journal
 */
export async function visitorsLeft(
  services: readonly RunningService[],
  report: (line: string) => void,
  signal: AbortSignal,
): Promise<string> {
  const parted = await Promise.all(
    services.map((service) => {
      const drains = replicasOf(service).map(({ definition }) => definition.service.drainSeconds);
      return service.proxy.keepOut({ graceMs: 1000 * Math.max(0, ...drains), signal });
    }),
  );
  const cut = parted.reduce((sum, { requestsCut }) => sum + requestsCut, 0);
  const closed = parted.reduce((sum, { webSocketsClosed }) => sum + webSocketsClosed, 0);
  const ended = [
    ...(cut === 0 ? [] : [`${count(cut, "request")} did not end in time and ${was(cut)} cut off`]),
    ...(closed === 0 ? [] : [`${count(closed, "WebSocket")} ${was(closed)} closed`]),
  ];
  for (const line of ended) report(`of visitors, ${line}`);
  return ["visitors are answered 503", ...ended].join("; ");
}

function count(number: number, what: string): string {
  return `${String(number)} ${what}${number === 1 ? "" : "s"}`;
}

function was(number: number): string {
  return number === 1 ? "was" : "were";
}

/** What is remembered of them for the time after a crash. */
export function recordReplicas(service: RunningService): RecordedReplica[] {
  return replicasOf(service).flatMap((replica) => {
    const identity = replica.identity();
    if (identity === undefined) return [];
    const { index, version, service: release } = replica.definition;
    const { image, probes } = release;
    const startedAt = replica.startedAt().toISOString();
    const port = replica.port();
    return [
      { service: service.name, index, version, image, port, readyPath: probes.ready, startedAt, identity },
    ];
  });
}

/** `api 0 (4f2a9c1, process 4711)` */
export function describe(replica: Replica): string {
  const { service, index, version } = replica.definition;
  return `${service.name} ${String(index + 1)} (${version}, process ${String(replica.identity()?.pid ?? 0)})`;
}

export function urlOf({ proxy }: RunningService): string {
  return `http://127.0.0.1:${String(proxy.port)}`;
}
