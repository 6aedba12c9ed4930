import type { Release } from "../../src/model/plan.ts";
import {
  byHand,
  type ObservedMaintenance,
  type ObservedReplica,
  type OperationContext,
  type Target,
} from "../../src/model/target.ts";
import { failure } from "../../src/model/errors.ts";

export interface FakeTarget extends Target {
  /** Service and slot to version, of what is in rotation. */
  serving(): Record<string, string>;
  /** Versions that never become ready. */
  readonly broken: Set<string>;
  /** Called before each replica operation; throw to fail, or abort to interrupt. */
  onOperation: (title: string) => void | Promise<void>;
  smokeFails: boolean;
}

type FakeReplica = ObservedReplica & {
  readonly service: string;
  readonly secrets: Readonly<Record<string, string | undefined>>;
};

/** A target in memory: it does what it is told, and tells what it did. */
export function fakeTarget(environment = "local"): FakeTarget {
  const replicas = new Map<string, FakeReplica>();
  let highestToken = 0;
  let maintenance: ObservedMaintenance | null = null;
  const fence = ({ fencingToken }: OperationContext) => {
    if (fencingToken < highestToken) throw failure("a stale token", { code: "LEASE_LOST" });
    highestToken = fencingToken;
  };
  const target: FakeTarget = {
    kind: "fake",
    environment,
    rollout: "by replica",
    broken: new Set(),
    onOperation: () => undefined,
    smokeFails: false,
    serving: () => Object.fromEntries([...replicas].map(([slot, replica]) => [slot, replica.version])),
    observe: async (given = {}) => {
      const names = [...new Set([...replicas.values()].map((replica) => replica.service))];
      return {
        database: null,
        maintenance,
        services: names.map((name) => ({
          name,
          url: `http://127.0.0.1/${name}`,
          replicas: [...replicas.values()]
            .filter((replica) => replica.service === name)
            .map(({ secrets, ...replica }) => ({ ...replica, ...changedSecrets(secrets, given) })),
        })),
      };
    },
    prepare: async (context) => {
      fence(context);
      return { urls: {}, databaseUrl: null };
    },
    apply: async (operation, release: Release, context) => {
      fence(context);
      if (operation.kind === "set-images" || operation.kind === "await-healthy")
        throw new Error(operation.kind);
      const slot = `${operation.service}/${String(operation.index)}`;
      await target.onOperation(`${operation.kind} ${slot}`);
      context.signal.throwIfAborted();
      if (operation.kind === "remove-replica") {
        replicas.delete(slot);
        return { observed: "gone" };
      }
      const service = release.services.find((candidate) => candidate.name === operation.service)!;
      if (target.broken.has(release.version)) throw failure(`${slot} did not become ready`);
      replicas.set(slot, {
        service: service.name,
        secrets: Object.fromEntries(service.secretNames.map((secret) => [secret, context.secrets[secret]])),
        index: operation.index,
        version: release.version,
        image: service.image,
        processId: 1,
        state: "ready",
        inRotation: true,
        startedAt: "2026-03-02T09:00:00.000Z",
      });
      return { observed: "ready" };
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
    },
    urls: async () => ({ web: "http://127.0.0.1/web" }),
    logs: async function* () {
      yield* [];
    },
  };
  return target;
}

function changedSecrets(
  has: FakeReplica["secrets"],
  given: Readonly<Record<string, string>>,
): Pick<ObservedReplica, "changedSecrets"> {
  const changed = Object.keys(has).filter((name) => Object.hasOwn(given, name) && given[name] !== has[name]);
  return changed.length === 0 ? {} : { changedSecrets: changed };
}
