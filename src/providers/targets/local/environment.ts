import { randomBytes } from "node:crypto";
import { exitCodes, FairwayError, failure, unreachable, usageError } from "../../../model/errors.ts";
import type { BackupResult } from "../../../model/backup.ts";
import type { Release, ServiceRelease } from "../../../model/plan.ts";
import {
  byHand,
  type EnvironmentNeeds,
  type OperationResult,
  type PreparedEnvironment,
  type ReplicaOperation,
  type Traffic,
} from "../../../model/target.ts";
import { listenAt } from "./addresses.ts";
import { setWeight, startBeside, stopBeside, takeOver } from "./beside.ts";
import { areConnectionsOf, freePort } from "../../../host/processes/processes.ts";
import { createHouse, createMetrics, createProxy } from "../../../host/proxy/proxy.ts";
import { removeDatabase, startDatabase, stoppedDatabase, type EnvironmentDatabase } from "./database.ts";
import { createDatabaseBackups } from "./database-backups.ts";
import { defineReplica } from "./definition.ts";
import { serveMetrics, type MetricsServer } from "./metrics-server.ts";
import type { EnvironmentPaths } from "./paths.ts";
import type {
  ApplyRequest,
  BackupTask,
  MaintenanceTask,
  PrepareRequest,
  RestoreTask,
  Snapshot,
  StopRequest,
} from "./protocol.ts";
import { drainAndEnd, removeReplica, replaceReplicas, type ServiceChange } from "./replacement.ts";
import type { ReplicaDefinition, ReplicaHost } from "./replica.ts";
import type { ReplicaRunner } from "./runner.ts";
import {
  balance,
  inGroup,
  logsOf,
  newService,
  observeService,
  recordReplicas,
  replicasOf,
  urlOf,
  visitorsLeft,
  type RunningService,
} from "./services.ts";
import { createStateWriter, seenMaintenance, type EnvironmentState } from "./state.ts";
import { createTurns } from "./turns.ts";

/** An environment as the supervisor has it: its proxies, replicas and database. One operation at a time. */
export interface Environment {
  /** With `secrets`, also which replicas have other values of them. */
  snapshot(secrets?: Readonly<Record<string, string>>): Snapshot;
  metrics(): string;
  traffic(): readonly Traffic[];
  prepare(request: PrepareRequest, report: Report): Promise<PreparedEnvironment>;
  apply(request: ApplyRequest, report: Report, signal: AbortSignal): Promise<OperationResult>;
  backUp(task: BackupTask, report: Report, signal: AbortSignal): Promise<BackupResult>;
  restore(task: RestoreTask, report: Report, signal: AbortSignal): Promise<BackupResult>;
  /** Keeps visitors out, or lets them in again. */
  maintain(task: MaintenanceTask, report: Report, signal: AbortSignal): Promise<OperationResult>;
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
  /** False when its directory is not its own any more: nothing is written then, not even for what comes after it. */
  readonly ownsState?: () => boolean;
}

const databaseName = "app";

export function createEnvironment(options: EnvironmentOptions): Environment {
  const { paths, state: initial, runner, say, ownsState = () => true } = options;
  const metrics = createMetrics();
  const services = new Map<string, RunningService>();
  // Of this process alone: whoever may ask it what it has is told, and nobody else.
  const pass = randomBytes(24).toString("base64url");
  const house = createHouse({
    pass,
    areOwn: (connections) => areConnectionsOf(ownProcesses(services), connections),
  });
  const writer = createStateWriter(paths.state);
  let remembered = initial;
  let needed: ReadonlySet<string> = new Set();
  let database: EnvironmentDatabase | undefined;
  let metricsServer: MetricsServer | undefined;

  const save = (change: Partial<EnvironmentState> = {}): Promise<void> => {
    remembered = { ...remembered, ...change, replicas: [...services.values()].flatMap(recordReplicas) };
    return ownsState() ? writer.save(remembered) : Promise.resolve();
  };

  const turns = createTurns(async (token) => {
    if (token < remembered.highestFencingToken) throw leaseLost(token, remembered.highestFencingToken);
    if (token > remembered.highestFencingToken) await save({ highestFencingToken: token });
  });

  const hostOf = (service: RunningService): ReplicaHost => ({
    freePort: () => freePort({ taken: portsOf(services) }),
    changed: () => {
      balance(service);
      save().catch((error: unknown) => {
        say(`the state cannot be written: ${String(error)}`);
      });
    },
    say,
  });

  const changeOf = (service: RunningService, report: Report): ServiceChange => ({
    service,
    host: hostOf(service),
    logDirectory: paths.logs,
    runningLogs: () => new Set([...services.values()].flatMap(logsOf).map(([file]) => file)),
    save: () => save(),
    report,
  });

  const openService = async (name: string, report: Report): Promise<RunningService> => {
    const before = services.get(name);
    if (before !== undefined) return before;
    // Browsers send a cookie to all ports of a host: another environment's is another one.
    const cookie = `fairway-side-${paths.id.slice(0, 8)}`;
    const address = { what: name, port: remembered.ports[name], report };
    const proxy = await listenAt(address, remembered, paths.id, (port) =>
      createProxy({ service: name, port, metrics, house, cookie }),
    );
    if ((remembered.maintenance ?? null) !== null) await proxy.keepOut({ graceMs: 0 });
    const service = newService(name, proxy);
    services.set(name, service);
    await save({ ports: { ...remembered.ports, [name]: proxy.port } });
    if (remembered.idlePorts?.[name] !== undefined) await openIdle(service, report);
    return service;
  };

  const openIdle = async ({ name, proxy }: RunningService, report: Report): Promise<void> => {
    const { idlePorts = {} } = remembered;
    const address = { what: `what runs beside ${name}`, port: idlePorts[name], report };
    const port = await listenAt(address, remembered, paths.id, (wanted) => proxy.openIdle(wanted));
    await save({ idlePorts: { ...idlePorts, [name]: port } });
  };

  const openMetrics = async (report: Report): Promise<void> => {
    if (metricsServer !== undefined) return;
    const address = { what: "the metrics", port: remembered.metricsPort, report };
    metricsServer = await listenAt(address, remembered, paths.id, (port) =>
      serveMetrics(port, () => metrics.text()),
    );
    await save({ metricsPort: metricsServer.port });
  };

  /** Health is asked at the replicas themselves; smoke tests show the pass; replicas ask each other as before. */
  const maintain = async (
    { on, operationId }: MaintenanceTask,
    report: Report,
    signal: AbortSignal,
  ): Promise<OperationResult> => {
    const { maintenance = null } = remembered;
    const [by = ""] = operationId.split("/");
    const fresh = { since: new Date().toISOString(), by };
    const next = on ? { ...(maintenance ?? fresh), ...(by === byHand ? { by } : {}) } : null;
    // Written before it is so: whatever ends here, a supervisor that comes later does what was asked.
    await save({ maintenance: next });
    const all = [...services.values()];
    if (on) return { observed: await visitorsLeft(all, report, signal) };
    for (const { proxy } of all) proxy.letIn();
    return { observed: "visitors are let in" };
  };

  const urls = (): Record<string, string> =>
    Object.fromEntries([...services].map(([name, service]) => [name, urlOf(service)]));

  /** Each major has a data directory of its own: another one would start empty, and nobody would be told. */
  const checkMajor = (wanted: string | null): void => {
    const { postgresMajor: present, environment } = remembered;
    if (wanted === null || present === null || present === wanted) return;
    throw otherMajor(environment, present, wanted);
  };

  const openDatabase = async (major: string, hasData: boolean): Promise<void> => {
    database = undefined;
    const started = await startDatabase({
      environment: remembered.environment,
      directory: paths.postgres,
      major,
      name: databaseName,
      port: remembered.postgresPort ?? undefined,
      hasData,
      log: say,
    });
    database = started;
    await save({ postgresMajor: major, postgresPort: started.port });
  };

  const backups = createDatabaseBackups({
    paths,
    remembered: () => remembered,
    save,
    running: () => database,
    stop: async (report) => {
      await Promise.all([...services.values()].map((service) => endReplicas(service, report)));
      await database?.stop();
      database = undefined;
    },
    start: (major) => openDatabase(major, true),
    checkMajor,
  });

  const prepare = async (needs: EnvironmentNeeds, report: Report): Promise<PreparedEnvironment> => {
    checkMajor(needs.postgres);
    needed = new Set(needs.services.map(({ name }) => name));
    for (const name of needed) await openService(name, report);
    await openMetrics(report);
    await backups.settle();
    if (needs.postgres !== null && database?.running() !== true) {
      // One whose server ended may be between two attempts to start it again, or have given up.
      await database?.stop();
      await openDatabase(needs.postgres, remembered.postgresMajor !== null);
      report(`PostgreSQL ${database?.version ?? ""} is running`);
    }
    return { urls: urls(), databaseUrl: database?.url ?? null };
  };

  /** What a service of a release is started with, in whichever slot. */
  const definer = async (
    { release, image, secrets }: ApplyRequest,
    wanted: ServiceRelease,
    report: Report,
  ): Promise<(index: number) => ReplicaDefinition> => {
    if (image === null) throw new Error("what is started needs an image");
    const opened = await runner.open(image, report);
    return (index) =>
      defineReplica({
        service: wanted,
        index,
        version: release.version,
        image: opened,
        secrets,
        urls: urls(),
        databaseUrl: database?.url ?? null,
        environment: remembered.environment,
        environmentId: paths.id,
      });
  };

  const apply = async (
    request: ApplyRequest,
    report: Report,
    signal: AbortSignal,
  ): Promise<OperationResult> => {
    const { operation, release } = request;
    switch (operation.kind) {
      case "replace-replica": {
        const wanted = serviceOf(release, operation.service);
        const service = await openService(wanted.name, report);
        const define = await definer(request, wanted, report);
        const change = { ...changeOf(service, report), group: service };
        return replaceReplicas(change, operation, define, signal);
      }
      case "remove-replica":
        return remove(operation, report);
      case "start-beside":
      case "take-over": {
        const wanted = serviceOf(release, operation.service);
        const service = await openService(wanted.name, report);
        const isStart = operation.kind === "start-beside";
        if (isStart) await openIdle(service, report);
        const define = await definer(request, wanted, report);
        const count = isStart ? operation.replicas : wanted.replicas;
        const replicas = { version: release.version, count, define };
        return (isStart ? startBeside : takeOver)(changeOf(service, report), replicas, signal);
      }
      case "set-weight": {
        const result = setWeight(services, operation);
        await save();
        return result;
      }
      case "stop-beside": {
        const service = services.get(operation.service);
        if (service !== undefined) return stopBeside(changeOf(service, report));
        return { observed: `nothing ran beside ${operation.service}` };
      }
      default:
        return unreachable(operation);
    }
  };

  const remove = async (
    { service: name, index }: Extract<ReplicaOperation, { kind: "remove-replica" }>,
    report: Report,
  ): Promise<OperationResult> => {
    const service = services.get(name);
    if (service === undefined) return { observed: `${name} ${String(index + 1)} was not running` };
    const result = await removeReplica({ ...changeOf(service, report), group: service, index });
    // A service that the pipeline has no more gives its address up with its last replica.
    if (!needed.has(service.name) && replicasOf(service).length === 0) {
      services.delete(service.name);
      await service.proxy.close(1_000);
    }
    return result;
  };

  const endReplicas = async (service: RunningService, report: Report): Promise<void> => {
    const replicas = replicasOf(service);
    for (const group of [service, service.beside]) {
      for (const replica of inGroup(group)) group.others.add(replica);
      group.admitted.clear();
    }
    service.proxy.weigh(null);
    await Promise.all(replicas.map((replica) => drainAndEnd(changeOf(service, report), replica)));
  };

  const endAll = async (report: Report): Promise<void> => {
    const endService = async (service: RunningService) => {
      await endReplicas(service, report);
      await service.proxy.close(1_000);
    };
    await Promise.all([...services.values()].map(endService));
    services.clear();
    metricsServer?.close();
    metricsServer = undefined;
    await database?.stop();
    database = undefined;
    await save();
  };

  return {
    snapshot: (secrets) => ({
      urls: urls(),
      pass,
      logs: Object.fromEntries([...services.values()].flatMap(logsOf)),
      observation: {
        maintenance: seenMaintenance(remembered),
        services: [...services.values()].map((service) => observeService(service, secrets)),
        ...(metricsServer === undefined ? {} : { metricsUrl: metricsServer.url }),
        database:
          database === undefined
            ? stoppedDatabase(paths.postgres, remembered)
            : { running: database.running(), version: database.version },
      },
    }),
    metrics: () => metrics.text(),
    traffic: () => metrics.counts(),
    prepare: ({ fencingToken, needs }, report) => turns.take(fencingToken, () => prepare(needs, report)),
    apply: (request, report, signal) =>
      turns.take(request.fencingToken, (abort) => apply(request, report, abort), signal),
    maintain: (task, report, signal) =>
      turns.take(task.fencingToken, (abort) => maintain(task, report, abort), signal),
    backUp: (task, report, signal) =>
      turns.take(task.fencingToken, (abort) => backups.make(task, report, abort), signal),
    restore: (task, report, signal) =>
      turns.take(task.fencingToken, (abort) => backups.restore(task, report, abort), signal),
    stop: ({ fencingToken, removeData }, report) =>
      turns.take(fencingToken, async () => {
        await endAll(report);
        if (!removeData) return;
        await removeDatabase(paths.postgres);
        await removeDatabase(paths.backups);
        await save({
          maintenance: null,
          postgresMajor: null,
          postgresPort: null,
          restoring: null,
          restoredBy: null,
        });
        report("the environment's database and its backups were removed");
      }),
    shutDown: () => endAll(say),
  };
}

function ownProcesses(services: ReadonlyMap<string, RunningService>): number[] {
  return [...services.values()].flatMap(replicasOf).flatMap((replica) => replica.identity()?.pid ?? []);
}

function portsOf(services: ReadonlyMap<string, RunningService>): Set<number> {
  return new Set([...services.values()].flatMap(replicasOf).map((replica) => replica.port()));
}

function serviceOf(release: Release, name: string): ServiceRelease {
  const service = release.services.find((candidate) => candidate.name === name);
  if (service !== undefined) return service;
  throw failure(`release ${release.version} has no service ${name}`, { code: "SERVICE_UNKNOWN" });
}

function otherMajor(environment: string, present: string, wanted: string): Error {
  const asked = `PostgreSQL ${wanted} is asked for`;
  return usageError(`the database of environment ${environment} is PostgreSQL ${present}, and ${asked}`, {
    code: "POSTGRES_VERSION",
    remedy:
      `ask for PostgreSQL ${present} again; or save the data (pg_dump), remove it, deploy and load it:\n` +
      `npx fairway down --env ${environment} --remove-data`,
  });
}

function leaseLost(token: number, highest: number): Error {
  const tokens = `its token is ${String(highest)}, this one's ${String(token)}`;
  return new FairwayError(`another deploy has taken over this environment (${tokens})`, {
    code: "LEASE_LOST",
    exitCode: exitCodes.interrupted,
    remedy: "look at what the other one did: fairway status",
  });
}
