import type { Clock } from "../../model/clock.ts";
import { failure } from "../../model/errors.ts";
import type { Release, ServiceRelease, TakeOverOperation, StartBesideOperation } from "../../model/plan.ts";
import { byHand, type OperationContext, type Target, type TargetOperation } from "../../model/target.ts";
import {
  simulatedReplicas,
  observationOf,
  type SimulatedReplica,
  type SimulatedReplicas,
} from "./simulated-replicas.ts";

export interface SimulatedTarget extends Target {
  readonly maintain: NonNullable<Target["maintain"]>;
  /** Service and slot to version, of what is in rotation: `{ "api/0": "4f2a9c1" }`. */
  serving(): Record<string, string>;
  /** The same of what runs beside. */
  beside(): Record<string, string>;
  /** Versions that never become ready. */
  readonly broken: Set<string>;
  /** Called before each operation with its kind and what it is about, `set-weight api 25`; throw to fail, or abort to interrupt. */
  onOperation: (title: string) => void | Promise<void>;
  /** Whether smoke tests fail, whatever answers them. */
  smokeFails: boolean;
  readonly replicas: SimulatedReplicas;
}

/** How the replicas of a version behave. */
export interface ReplicaBehaviour {
  /** Seconds from start to the first ready answer. @default 0 */
  readonly startSeconds?: number;
  /** Whether the first ready answer never comes. @default false */
  readonly neverReady?: boolean;
  /** Seconds from its start after which each replica ends, and stays away. @default never */
  readonly crashAfterSeconds?: number;
  /** Whether it answers smoke tests with a failure. @default false */
  readonly failsSmoke?: boolean;
}

export interface SimulatedTargetOptions {
  /** By which replicas start and crash. @default nothing takes time */
  readonly clock?: Clock;
  readonly behaviour?: (version: string) => ReplicaBehaviour;
  /** What runs there, to share it between handles of several machines. @default nothing, of its own */
  readonly replicas?: SimulatedReplicas;
}

/** A target in memory: it does what it is told, waits as its replicas do, and tells what it did. */
export function simulatedTarget(
  environment = "local",
  options: SimulatedTargetOptions = {},
): SimulatedTarget {
  const { clock, behaviour = (): ReplicaBehaviour => ({}), replicas = simulatedReplicas() } = options;
  const { slots, sides, weights } = replicas;
  const now = () => clock?.now() ?? new Date("2026-03-02T09:00:00.000Z");
  const fence = ({ fencingToken }: OperationContext) => {
    if (fencingToken < replicas.highestToken) throw failure("a stale token", { code: "LEASE_LOST" });
    replicas.highestToken = fencingToken;
  };
  /** Each write by itself: whoever slept in the middle of an operation finds out that somebody else is at work. */
  const change = (context: OperationContext, work: () => void) => {
    fence(context);
    replicas.change(work);
  };
  const pass = async (seconds: number, signal: AbortSignal) => {
    if (clock !== undefined && seconds > 0) await clock.sleep(1000 * seconds, signal);
  };

  /** One replica, once it is ready: until then nothing is in its place. */
  const started = async (
    release: Release,
    wanted: { readonly service: string; readonly index: number },
    context: OperationContext,
  ): Promise<SimulatedReplica> => {
    const service = serviceOf(release, wanted.service);
    const { startSeconds = 0, neverReady = false, crashAfterSeconds } = behaviour(release.version);
    if (neverReady || target.broken.has(release.version)) {
      await pass(service.probes.startupTimeoutSeconds, context.signal);
      throw failure(`${wanted.service}/${String(wanted.index)} did not become ready`);
    }
    const startedAt = now();
    await pass(startSeconds, context.signal);
    return {
      service: service.name,
      secrets: Object.fromEntries(service.secretNames.map((name) => [name, context.secrets[name]])),
      index: wanted.index,
      version: release.version,
      image: service.image,
      processId: 1,
      state: "ready",
      inRotation: true,
      startedAt: startedAt.toISOString(),
      crashesAt: crashAfterSeconds === undefined ? null : startedAt.getTime() + 1000 * crashAfterSeconds,
    };
  };

  const startBeside = async (
    operation: StartBesideOperation,
    release: Release,
    context: OperationContext,
  ): Promise<void> => {
    const others = [...sides].filter(
      ([, { service, version }]) => service === operation.service && version !== operation.version,
    );
    if (others.length > 0) change(context, () => others.forEach(([slot]) => sides.delete(slot)));
    for (let index = 0; index < operation.replicas; index += 1) {
      const slot = `${operation.service}/${String(index)}`;
      if (replicas.isReady(sides.get(slot), now())) continue;
      const made = await started(release, { service: operation.service, index }, context);
      change(context, () => sides.set(slot, made));
    }
  };

  const takeOver = async (
    { service, version }: TakeOverOperation,
    release: Release,
    context: OperationContext,
  ): Promise<void> => {
    const wanted = serviceOf(release, service).replicas;
    await startBeside({ kind: "start-beside", service, version, replicas: wanted }, release, context);
    change(context, () => {
      const taken = [...sides].filter(([, replica]) => replica.service === service);
      replicas.clear(slots, service);
      replicas.clear(sides, service);
      for (const [slot, replica] of taken) slots.set(slot, replica);
      weights.delete(service);
    });
  };

  const carryOut = async (
    operation: TargetOperation,
    release: Release,
    context: OperationContext,
  ): Promise<string> => {
    const begin = async (what: string) => {
      await target.onOperation(`${operation.kind} ${what}`);
      context.signal.throwIfAborted();
    };
    switch (operation.kind) {
      case "replace-replica": {
        const { service, index, also = [], unavailable = 0 } = operation;
        const all = [index, ...also];
        await begin(all.map((one) => `${service}/${String(one)}`).join(","));
        change(context, () => {
          for (const one of all.slice(0, unavailable)) slots.delete(`${service}/${String(one)}`);
        });
        await Promise.all(
          all.map(async (one) => {
            const made = await started(release, { service, index: one }, context);
            change(context, () => slots.set(`${service}/${String(one)}`, made));
          }),
        );
        return "ready";
      }
      case "remove-replica": {
        const slot = `${operation.service}/${String(operation.index)}`;
        await begin(slot);
        change(context, () => slots.delete(slot));
        return "gone";
      }
      case "start-beside":
        await begin(operation.service);
        await startBeside(operation, release, context);
        return "ready beside";
      case "set-weight": {
        const { version, services, percent, sticky } = operation;
        await begin(`${services.join(",")} ${String(percent)}`);
        change(context, () => {
          for (const name of services) {
            if (percent === 0) weights.delete(name);
            else weights.set(name, { version, percent, sticky });
          }
        });
        return `${String(percent)} %`;
      }
      case "take-over":
        await begin(operation.service);
        await takeOver(operation, release, context);
        return "took over";
      case "stop-beside":
        await begin(operation.service);
        change(context, () => {
          replicas.clear(sides, operation.service);
          weights.delete(operation.service);
        });
        return "nothing beside";
      default:
        throw new Error(operation.kind);
    }
  };

  const target: SimulatedTarget = {
    kind: "fake",
    environment,
    rollout: "by replica",
    capabilities: ["beside", "weights"],
    broken: new Set(),
    onOperation: () => undefined,
    smokeFails: false,
    replicas,
    serving: () => versionsOf(slots),
    beside: () => versionsOf(sides),
    observe: async (given = {}) => observationOf(replicas, given, now()),
    prepare: async (context) => {
      fence(context);
      return { urls: {}, databaseUrl: null };
    },
    apply: async (operation, release, context) => {
      fence(context);
      return { observed: await carryOut(operation, release, context) };
    },
    smoke: async (checks, context, side) => {
      fence(context);
      const asked = side === "beside" ? sides : slots;
      const versions = checks.flatMap(({ service }) =>
        [...asked.values()].filter((replica) => replica.service === service).map(({ version }) => version),
      );
      const isBad = versions.some((version) => behaviour(version).failsSmoke === true);
      if (target.smokeFails || isBad) throw failure("GET / answered 500");
      return { observed: "all answered" };
    },
    maintain: async (on, context) => {
      const [by = ""] = context.operationId.split("/");
      const before = by === byHand ? null : replicas.maintenance;
      change(context, () => {
        replicas.maintenance = on ? (before ?? { since: now().toISOString(), by }) : null;
      });
      await target.onOperation(`maintenance ${on ? "on" : "off"}`);
      context.signal.throwIfAborted();
      return { observed: on ? "on" : "off" };
    },
    stop: async (context) => {
      fence(context);
      replicas.change(() => {
        for (const all of [slots, sides, weights]) all.clear();
      });
    },
    urls: async () => ({ web: "http://127.0.0.1/web" }),
    logs: async function* () {
      yield* [];
    },
  };
  return target;
}

function serviceOf({ services, version }: Release, name: string): ServiceRelease {
  const found = services.find((candidate) => candidate.name === name);
  if (found !== undefined) return found;
  throw failure(`${version} has no service ${name}`);
}

function versionsOf(there: ReadonlyMap<string, SimulatedReplica>): Record<string, string> {
  return Object.fromEntries([...there].map(([slot, replica]) => [slot, replica.version]));
}
