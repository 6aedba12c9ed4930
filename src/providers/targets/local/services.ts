import { basename } from "node:path";
import type { LogState, ObservedReplica, ObservedService } from "../../../model/target.ts";
import type { ServiceProxy, Upstream } from "../../../host/proxy/proxy.ts";
import type { Replica } from "./replica.ts";
import type { RecordedReplica } from "./state.ts";

export interface ReplicaGroup {
  /** Replicas that are to get requests while they are ready, by slot. */
  readonly admitted: Map<number, Replica>;
  /** Started and not admitted yet, or draining. */
  readonly others: Set<Replica>;
}

/** A service that has an address, and the replicas behind it: those in its own slots are those that serve. */
export interface RunningService extends ReplicaGroup {
  readonly name: string;
  readonly proxy: ServiceProxy;
  /** Those that run beside them, in slots of their own. */
  readonly beside: ReplicaGroup;
}

export function newService(name: string, proxy: ServiceProxy): RunningService {
  const group = (): ReplicaGroup => ({ admitted: new Map(), others: new Set() });
  return { name, proxy, ...group(), beside: group() };
}

/**
 * Which replicas get requests: those that are ready. When none is, those that run all the same: an answer of the
 * application is worth more than the proxy's 503, and a readiness that fails everywhere (a database that is away,
 * probes that are too slow under load) must not make a partial outage a whole one. Kubernetes takes the last one
 * out, Envoy (panic threshold) and most people's expectation do not. Of those beside only the ready ones do: where
 * there is none, there are those that serve.
 */
export function balance({ proxy, admitted, beside }: RunningService): void {
  const inState = (group: ReplicaGroup["admitted"], state: ObservedReplica["state"]) =>
    [...group.values()].filter((replica) => replica.state() === state);
  const side = inState(beside.admitted, "ready");
  const ready = inState(admitted, "ready");
  const isAnswered = ready.length > 0 || (side.length > 0 && proxy.weight() !== null);
  const serving = isAnswered ? ready : inState(admitted, "unready");
  for (const replica of serving) proxy.admit(upstreamOf(replica), "serving");
  for (const replica of side) proxy.admit(upstreamOf(replica), "beside");
  const keep = new Set([...serving, ...side].map((replica) => replica.definition.id));
  for (const upstream of proxy.inRotation()) if (!keep.has(upstream.id)) proxy.withdraw(upstream.id);
}

function upstreamOf(replica: Replica): Upstream {
  const { id, version } = replica.definition;
  return { id, version, address: "127.0.0.1", port: replica.port() };
}

/** Those that serve, then those beside. */
export function replicasOf(service: RunningService): Replica[] {
  return [...inGroup(service), ...inGroup(service.beside)];
}

/** By slot; in the middle of a replacement a slot has two. */
export function inGroup({ admitted, others }: ReplicaGroup): Replica[] {
  return [...admitted.values(), ...others].sort((a, b) => a.definition.index - b.definition.index);
}

/** Whose requests may be visitors': what runs beside is asked at the idle address too. */
function getsVisitors({ proxy, beside }: RunningService): (replica: Replica) => boolean {
  const inRotation = new Set(proxy.inRotation().map((upstream) => upstream.id));
  const isBeside = new Set(inGroup(beside));
  const isWeighed = proxy.weight() !== null;
  return (replica) => inRotation.has(replica.definition.id) && (isWeighed || !isBeside.has(replica));
}

export function observeService(
  service: RunningService,
  secrets?: Readonly<Record<string, string>>,
): ObservedService {
  const { name, proxy } = service;
  const weight = proxy.weight();
  const idlePort = proxy.idlePort();
  return {
    ...{ name, url: urlOf(service), replicas: observeReplicas(service, secrets) },
    ...(weight === null ? {} : { weight }),
    ...(idlePort === null ? {} : { idleUrl: `http://127.0.0.1:${String(idlePort)}` }),
  };
}

function observeReplicas(
  service: RunningService,
  secrets: Readonly<Record<string, string>> = {},
): ObservedReplica[] {
  const isAsked = getsVisitors(service);
  const isBeside = new Set(inGroup(service.beside));
  return replicasOf(service).map((replica) => ({
    ...(isBeside.has(replica) ? { beside: true } : {}),
    index: replica.definition.index,
    version: replica.definition.version,
    image: replica.definition.service.image,
    processId: replica.identity()?.pid ?? 0,
    state: replica.state(),
    inRotation: isAsked(replica),
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
  const isAsked = getsVisitors(service);
  return replicasOf(service).map((replica) => {
    const state = replica.state();
    const told = isAsked(replica) ? "serving" : state === "exited" ? "ended" : state;
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
  const isBeside = new Set(inGroup(service.beside));
  return replicasOf(service).flatMap((replica) => {
    const identity = replica.identity();
    if (identity === undefined) return [];
    const { index, version, service: release } = replica.definition;
    const { image, probes } = release;
    const startedAt = replica.startedAt().toISOString();
    const port = replica.port();
    return [
      {
        ...{
          service: service.name,
          index,
          version,
          image,
          port,
          readyPath: probes.ready,
          startedAt,
          identity,
        },
        ...(isBeside.has(replica) ? { beside: true } : {}),
      },
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
