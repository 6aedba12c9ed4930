import type { Release } from "../../../src/model/plan.ts";
import {
  byHand,
  type ObservedMaintenance,
  type ObservedReplica,
  type ObservedService,
  type ObservedWeight,
  type OperationContext,
  type Target,
} from "../../../src/model/target.ts";
import { failure } from "../../../src/model/errors.ts";

export interface SimulatedTarget extends Target {
  /** Service and slot to version, of what is in rotation. */
  serving(): Record<string, string>;
  /** The same of what runs beside. */
  beside(): Record<string, string>;
  /** Versions that never become ready. */
  readonly broken: Set<string>;
  /** Called before each replica operation; throw to fail, or abort to interrupt. */
  onOperation: (title: string) => void | Promise<void>;
  smokeFails: boolean;
}

type SimulatedReplica = ObservedReplica & {
  readonly service: string;
  readonly secrets: Readonly<Record<string, string | undefined>>;
};

/** A target in memory: it does what it is told, and tells what it did. */
export function simulatedTarget(environment = "local"): SimulatedTarget {
  const replicas = new Map<string, SimulatedReplica>();
  const sides = new Map<string, SimulatedReplica>();
  const weights = new Map<string, ObservedWeight>();
  let highestToken = 0;
  let maintenance: ObservedMaintenance | null = null;
  const fence = ({ fencingToken }: OperationContext) => {
    if (fencingToken < highestToken) throw failure("a stale token", { code: "LEASE_LOST" });
    highestToken = fencingToken;
  };
  const target: SimulatedTarget = {
    kind: "fake",
    environment,
    rollout: "by replica",
    capabilities: ["beside", "weights"],
    broken: new Set(),
    onOperation: () => undefined,
    smokeFails: false,
    serving: () => versionsOf(replicas),
    beside: () => versionsOf(sides),
    observe: async (given = {}) => {
      const all = [...replicas.values(), ...sides.values()];
      const names = [...new Set(all.map((replica) => replica.service))];
      return {
        database: null,
        maintenance,
        services: names.map((name) => ({
          name,
          url: `http://127.0.0.1/${name}`,
          ...weightOf(weights.get(name)),
          replicas: all
            .filter((replica) => replica.service === name)
            .map(({ secrets, ...replica }) => ({
              ...replica,
              ...(replica.beside === true ? { inRotation: weights.has(name) } : {}),
              ...changedSecrets(secrets, given),
            })),
        })),
      };
    },
    prepare: async (context) => {
      fence(context);
      return { urls: {}, databaseUrl: null };
    },
    apply: async (operation, release: Release, context) => {
      fence(context);
      const begin = async (what: string) => {
        await target.onOperation(`${operation.kind} ${what}`);
        context.signal.throwIfAborted();
      };
      const start = (there: Map<string, SimulatedReplica>, name: string, index: number) => {
        const slot = `${name}/${String(index)}`;
        const service = release.services.find((candidate) => candidate.name === name)!;
        if (target.broken.has(release.version)) throw failure(`${slot} did not become ready`);
        there.set(slot, {
          service: service.name,
          secrets: Object.fromEntries(service.secretNames.map((secret) => [secret, context.secrets[secret]])),
          index,
          version: release.version,
          image: service.image,
          processId: 1,
          state: "ready",
          inRotation: true,
          startedAt: "2026-03-02T09:00:00.000Z",
          ...(there === sides ? { beside: true } : {}),
        });
      };
      const clear = (there: Map<string, SimulatedReplica>, name: string) => {
        for (const [slot, { service }] of there) if (service === name) there.delete(slot);
      };
      switch (operation.kind) {
        case "replace-replica":
          await begin(`${operation.service}/${String(operation.index)}`);
          start(replicas, operation.service, operation.index);
          return { observed: "ready" };
        case "remove-replica":
          await begin(`${operation.service}/${String(operation.index)}`);
          replicas.delete(`${operation.service}/${String(operation.index)}`);
          return { observed: "gone" };
        case "start-beside":
          await begin(operation.service);
          for (let index = 0; index < operation.replicas; index += 1) start(sides, operation.service, index);
          return { observed: "ready beside" };
        case "set-weight": {
          const { version, services, percent, sticky } = operation;
          await begin(`${services.join(",")} ${String(percent)}`);
          for (const name of services) {
            if (percent === 0) weights.delete(name);
            else weights.set(name, { version, percent, sticky });
          }
          return { observed: `${String(percent)} %` };
        }
        case "take-over": {
          await begin(operation.service);
          const wanted = release.services.find(({ name }) => name === operation.service)!.replicas;
          for (const there of [replicas, sides]) clear(there, operation.service);
          for (let index = 0; index < wanted; index += 1) start(replicas, operation.service, index);
          weights.delete(operation.service);
          return { observed: "took over" };
        }
        case "stop-beside":
          await begin(operation.service);
          clear(sides, operation.service);
          weights.delete(operation.service);
          return { observed: "nothing beside" };
        default:
          throw new Error(operation.kind);
      }
    },
    smoke: async (_checks, context) => {
      fence(context);
      if (target.smokeFails) throw failure("GET / answered 500");
      return { observed: "all answered" };
    },
    maintain: async (on, context) => {
      fence(context);
      const [by = ""] = context.operationId.split("/");
      const before = by === byHand ? null : maintenance;
      maintenance = on ? (before ?? { since: "2026-03-02T09:00:00.000Z", by }) : null;
      await target.onOperation(`maintenance ${on ? "on" : "off"}`);
      context.signal.throwIfAborted();
      return { observed: on ? "on" : "off" };
    },
    stop: async (context) => {
      fence(context);
      replicas.clear();
      sides.clear();
      weights.clear();
    },
    urls: async () => ({ web: "http://127.0.0.1/web" }),
    logs: async function* () {
      yield* [];
    },
  };
  return target;
}

function versionsOf(replicas: ReadonlyMap<string, SimulatedReplica>): Record<string, string> {
  return Object.fromEntries([...replicas].map(([slot, replica]) => [slot, replica.version]));
}

function weightOf(weight: ObservedWeight | undefined): Pick<ObservedService, "weight"> {
  return weight === undefined ? {} : { weight };
}

function changedSecrets(
  has: SimulatedReplica["secrets"],
  given: Readonly<Record<string, string>>,
): Pick<ObservedReplica, "changedSecrets"> {
  const changed = Object.keys(has).filter((name) => Object.hasOwn(given, name) && given[name] !== has[name]);
  return changed.length === 0 ? {} : { changedSecrets: changed };
}
