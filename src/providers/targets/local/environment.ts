import { exitCodes, FairwayError, failure } from "../../../model/errors.ts";
import type { Release, ServiceRelease } from "../../../model/plan.ts";
import type {
  EnvironmentNeeds,
  ObservedReplica,
  OperationResult,
  PreparedEnvironment,
} from "../../../model/target.ts";
import { freePort, freePortFrom } from "../../../host/processes/processes.ts";
import { createMetrics, createProxy, type ServiceProxy } from "../../../host/proxy/proxy.ts";
import { removeDatabase, startDatabase, type EnvironmentDatabase } from "./database.ts";
import { defineReplica } from "./definition.ts";
import { openReplicaLog, pruneLogs } from "./log-files.ts";
import type { EnvironmentPaths } from "./paths.ts";
import type { ApplyRequest, PrepareRequest, Snapshot, StopRequest } from "./protocol.ts";
import { startReplica, type Replica, type ReplicaHost } from "./replica.ts";
import { notReadyError, notStartedError } from "./replica-error.ts";
import type { ReplicaRunner } from "./runner.ts";
import { createStateWriter, type EnvironmentState } from "./state.ts";

/** An environment as the supervisor has it: its proxies, replicas and database. One operation at a time. */
export interface Environment {
  snapshot(): Snapshot;
  metrics(): string;
  prepare(request: PrepareRequest, report: Report): Promise<PreparedEnvironment>;
  apply(request: ApplyRequest, report: Report, signal: AbortSignal): Promise<OperationResult>;
  /** Ends everything; the supervisor ends after it. */
  stop(request: StopRequest, report: Report): Promise<void>;
  /** Ends everything without asking whose turn it is: the machine goes down. */
  shutDown(): Promise<void>;
}

export type Report = (line: string) => void;

interface EnvironmentOptions {
  readonly paths: EnvironmentPaths;
  readonly state: EnvironmentState;
  readonly runner: ReplicaRunner;
  readonly say: Report;
}

interface RunningService {
  readonly proxy: ServiceProxy;
  /** Replicas that are to get requests while they are ready, by slot. */
  readonly admitted: Map<number, Replica>;
  /** Started and not admitted yet, or draining. */
  readonly others: Set<Replica>;
}

/** Projects and environments begin at different ports, so that one that starts does not take another's. */
function firstPublicPort(environmentId: string): number {
  return 4100 + (Number.parseInt(environmentId.slice(0, 8), 16) % 90) * 10;
}

const stopGraceMs = 10_000;
const databaseName = "app";

export function createEnvironment({ paths, state: initial, runner, say }: EnvironmentOptions): Environment {
  const metrics = createMetrics();
  const services = new Map<string, RunningService>();
  const writer = createStateWriter(paths.state);
  let remembered = initial;
  let database: EnvironmentDatabase | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  /** One operation after the other, in the order in which they came. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(work, work);
    turn = result.catch(() => undefined);
    return result;
  };

  const save = (change: Partial<EnvironmentState> = {}): Promise<void> => {
    remembered = { ...remembered, ...change, replicas: [...services].flatMap(recordsOf) };
    return writer.save(remembered);
  };

  const checkToken = async (token: number): Promise<void> => {
    if (token < remembered.highestFencingToken) throw leaseLost(token, remembered.highestFencingToken);
    if (token > remembered.highestFencingToken) await save({ highestFencingToken: token });
  };

  const usedPorts = (): Set<number> =>
    new Set(
      [...services.values()].flatMap((service) => allReplicas(service).map((replica) => replica.port())),
    );

  const replicaHost = (service: RunningService): ReplicaHost => ({
    freePort: () => freePort({ taken: usedPorts() }),
    changed: () => {
      balance(service);
      void save().catch((error: unknown) => {
        say(`the state cannot be written: ${String(error)}`);
      });
    },
    say,
  });

  const openService = async (name: string, report: Report): Promise<RunningService> => {
    const before = services.get(name);
    if (before !== undefined) return before;
    const taken = new Set(Object.values(remembered.ports));
    const wanted = remembered.ports[name] ?? (await freePortFrom(firstPublicPort(paths.id), { taken }));
    const proxy = await createProxy({ service: name, port: wanted, metrics }).catch(
      async (error: NodeJS.ErrnoException) => {
        if (error.code !== "EADDRINUSE") throw error;
        const port = await freePortFrom(firstPublicPort(paths.id), { taken });
        report(
          `port ${String(wanted)} of ${name} is taken by another process: ${name} is at ${String(port)} from now on`,
        );
        return createProxy({ service: name, port, metrics });
      },
    );
    const service: RunningService = { proxy, admitted: new Map(), others: new Set() };
    services.set(name, service);
    await save({ ports: { ...remembered.ports, [name]: proxy.port } });
    return service;
  };

  const urls = (): Record<string, string> =>
    Object.fromEntries([...services].map(([name, { proxy }]) => [name, urlOf(proxy.port)]));

  const prepare = async (needs: EnvironmentNeeds, report: Report): Promise<PreparedEnvironment> => {
    for (const { name } of needs.services) await openService(name, report);
    if (needs.postgres !== null && database === undefined) {
      database = await startDatabase({
        directory: paths.postgres,
        major: needs.postgres,
        name: databaseName,
        port: remembered.postgresPort ?? undefined,
        log: say,
      });
      await save({ postgresMajor: needs.postgres, postgresPort: database.port });
      report(`PostgreSQL ${database.version} is running`);
    }
    return { urls: urls(), databaseUrl: database?.url ?? null };
  };

  const replace = async (
    request: ApplyRequest,
    report: Report,
    signal: AbortSignal,
  ): Promise<OperationResult> => {
    const { index } = request.operation;
    const wanted = serviceOf(request.release, request.operation.service);
    const service = await openService(wanted.name, report);
    await removeLeftovers(service, index);
    if (request.image === null) throw new Error("a replacement needs an image");
    const image = await runner.open(request.image, report);
    const definition = defineReplica({
      service: wanted,
      index,
      version: request.release.version,
      image,
      secrets: request.secrets,
      urls: urls(),
      databaseUrl: database?.url ?? null,
      environment: remembered.environment,
      environmentId: paths.id,
    });
    const old = service.admitted.get(index);
    if (old?.definition.fingerprint === definition.fingerprint && old.state() === "ready") {
      return { observed: `${describe(old)} was ready already` };
    }
    const log = openReplicaLog(paths.logs, {
      service: wanted.name,
      index,
      version: definition.version,
      startedAtMs: Date.now(),
    });
    report(`starting ${wanted.name} ${String(index)} at ${definition.version}`);
    const next = await startReplica(definition, log, replicaHost(service)).catch((error: unknown) => {
      log.close();
      throw notStartedError(definition, error, log, old?.definition);
    });
    service.others.add(next);
    await save();
    const first = await next.firstReady(signal);
    if (first.kind !== "ready") {
      const error = notReadyError(next, first, old);
      await end(service, next, 0);
      throw error;
    }
    service.others.delete(next);
    service.admitted.set(index, next);
    next.keep();
    if (old !== undefined) service.others.add(old);
    balance(service);
    await save();
    report(`${describe(next)} is in rotation`);
    if (old !== undefined) {
      report(`draining ${describe(old)}`);
      await drainAndEnd(service, old);
    }
    await pruneLogs(paths.logs);
    return { observed: `${describe(next)} is ready and in rotation` };
  };

  const remove = async (request: ApplyRequest, report: Report): Promise<OperationResult> => {
    const { service: name, index } = request.operation;
    const service = services.get(name);
    const replica = service?.admitted.get(index);
    if (service !== undefined) await removeLeftovers(service, index);
    if (service === undefined || replica === undefined)
      return { observed: `${name} ${String(index)} was not running` };
    service.admitted.delete(index);
    service.others.add(replica);
    balance(service);
    report(`draining ${describe(replica)}`);
    await drainAndEnd(service, replica);
    return { observed: `${name} ${String(index)} was stopped` };
  };

  const removeLeftovers = async (service: RunningService, index: number): Promise<void> => {
    const leftovers = [...service.others].filter((replica) => replica.definition.index === index);
    await Promise.all(leftovers.map((replica) => drainAndEnd(service, replica)));
  };

  const drainAndEnd = async (service: RunningService, replica: Replica): Promise<void> => {
    replica.drain();
    service.proxy.withdraw(replica.definition.id);
    const done = await service.proxy.drained(
      replica.definition.id,
      replica.definition.service.drainSeconds * 1000,
    );
    if (!done)
      say(
        `${describe(replica)} still had requests after ${String(replica.definition.service.drainSeconds)} s`,
      );
    await end(service, replica, stopGraceMs);
  };

  const end = async (service: RunningService, replica: Replica, graceMs: number): Promise<void> => {
    service.proxy.forget(replica.definition.id);
    await replica.stop(graceMs);
    service.others.delete(replica);
    await save();
  };

  const endAll = async (): Promise<void> => {
    await Promise.all(
      [...services.values()].map(async (service) => {
        const replicas = allReplicas(service);
        service.admitted.clear();
        for (const replica of replicas) service.others.add(replica);
        await Promise.all(replicas.map((replica) => drainAndEnd(service, replica)));
        await service.proxy.close(1_000);
      }),
    );
    services.clear();
    await database?.stop();
    database = undefined;
    await save();
  };

  return {
    snapshot: () => ({
      urls: urls(),
      observation: {
        services: [...services].map(([name, service]) => ({
          name,
          url: urlOf(service.proxy.port),
          replicas: allReplicas(service).map((replica) => observe(service, replica)),
        })),
        database: database === undefined ? null : { running: database.running(), version: database.version },
      },
    }),
    metrics: () => metrics.text(),
    prepare: (request, report) =>
      inTurn(async () => {
        await checkToken(request.fencingToken);
        return prepare(request.needs, report);
      }),
    apply: (request, report, signal) =>
      inTurn(async () => {
        await checkToken(request.fencingToken);
        return request.operation.kind === "replace-replica"
          ? replace(request, report, signal)
          : remove(request, report);
      }),
    stop: (request, report) =>
      inTurn(async () => {
        await checkToken(request.fencingToken);
        report("draining and stopping everything");
        await endAll();
        if (!request.removeData) return;
        await removeDatabase(paths.postgres);
        await save({ postgresMajor: null, postgresPort: null });
        report("its database was removed");
      }),
    shutDown: endAll,
  };
}

/**
 * Which replicas get requests: those that are ready. When none is, those that run all the same: an answer of the
 * application is worth more than the proxy's 503, and a readiness that fails everywhere (a database that is away,
 * probes that are too slow under load) must not make a partial outage a whole one. Kubernetes takes the last one
 * out, Envoy (panic threshold) and most people's expectation do not.
 */
function balance(service: RunningService): void {
  const admitted = [...service.admitted.values()];
  const ready = admitted.filter((replica) => replica.state() === "ready");
  const wanted = ready.length > 0 ? ready : admitted.filter((replica) => replica.state() === "unready");
  const keep = new Set(wanted.map((replica) => replica.definition.id));
  for (const { definition, port } of wanted.map((replica) => ({
    definition: replica.definition,
    port: replica.port(),
  }))) {
    service.proxy.admit({ id: definition.id, address: "127.0.0.1", port, version: definition.version });
  }
  for (const upstream of service.proxy.inRotation())
    if (!keep.has(upstream.id)) service.proxy.withdraw(upstream.id);
}

function observe(service: RunningService, replica: Replica): ObservedReplica {
  const { index, version, id } = replica.definition;
  return {
    index,
    version,
    image: replica.definition.service.image,
    processId: replica.identity()?.pid ?? 0,
    state: replica.state(),
    inRotation: service.proxy.inRotation().some((upstream) => upstream.id === id),
    startedAt: replica.startedAt().toISOString(),
  };
}

function allReplicas(service: RunningService): Replica[] {
  const all = [...service.admitted.values(), ...service.others];
  return all.sort((a, b) => a.definition.index - b.definition.index);
}

function recordsOf([name, service]: [string, RunningService]): EnvironmentState["replicas"] {
  return allReplicas(service).flatMap((replica) => {
    const identity = replica.identity();
    if (identity === undefined) return [];
    const { index, version, service: release } = replica.definition;
    const startedAt = replica.startedAt().toISOString();
    const readyPath = release.probes.ready;
    return [
      {
        service: name,
        index,
        version,
        image: release.image,
        port: replica.port(),
        readyPath,
        startedAt,
        identity,
      },
    ];
  });
}

function serviceOf(release: Release, name: string): ServiceRelease {
  const service = release.services.find((candidate) => candidate.name === name);
  if (service !== undefined) return service;
  throw failure(`release ${release.version} has no service ${name}`, { code: "SERVICE_UNKNOWN" });
}

function describe(replica: Replica): string {
  const { service, index, version } = replica.definition;
  return `${service.name} ${String(index)} (${version}, process ${String(replica.identity()?.pid ?? 0)})`;
}

function urlOf(port: number): string {
  return `http://127.0.0.1:${String(port)}`;
}

function leaseLost(token: number, highest: number): Error {
  return new FairwayError(
    `another deploy has taken over this environment (its token is ${String(highest)}, this one's ${String(token)})`,
    {
      code: "LEASE_LOST",
      exitCode: exitCodes.interrupted,
      remedy: "look at what the other one did: fairway status",
    },
  );
}
