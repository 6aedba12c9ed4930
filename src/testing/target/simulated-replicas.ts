import type {
  Observation,
  ObservedMaintenance,
  ObservedReplica,
  ObservedService,
  ObservedWeight,
} from "../../model/target.ts";

/** One replica of a simulated target. */
export type SimulatedReplica = Omit<ObservedReplica, "beside"> & {
  readonly service: string;
  readonly secrets: Readonly<Record<string, string | undefined>>;
  /** Milliseconds of the epoch; null for never. */
  readonly crashesAt: number | null;
};

/** What runs in a simulated target, whoever looks at it. Keys are service and slot: `api/0`. */
export interface SimulatedReplicas {
  readonly slots: Map<string, SimulatedReplica>;
  readonly sides: Map<string, SimulatedReplica>;
  /** By service. */
  readonly weights: Map<string, ObservedWeight>;
  highestToken: number;
  maintenance: ObservedMaintenance | null;
  /** Told before anything changes, and after it. */
  readonly watchers: Set<(moment: "before" | "after") => void>;
  change(work: () => void): void;
  clear(there: Map<string, SimulatedReplica>, service: string): void;
  readonly isReady: (replica: SimulatedReplica | undefined, now: Date) => boolean;
}

export function simulatedReplicas(): SimulatedReplicas {
  const watchers: SimulatedReplicas["watchers"] = new Set();
  return {
    ...{ slots: new Map(), sides: new Map(), weights: new Map() },
    ...{ highestToken: 0, maintenance: null, watchers },
    change: (work) => {
      for (const watcher of watchers) watcher("before");
      work();
      for (const watcher of watchers) watcher("after");
    },
    clear: (there, service) => {
      for (const [slot, replica] of there) if (replica.service === service) there.delete(slot);
    },
    isReady,
  };
}

function isReady(replica: SimulatedReplica | undefined, now: Date): boolean {
  return replica !== undefined && (replica.crashesAt === null || now.getTime() < replica.crashesAt);
}

/** What runs, as a target tells it. */
export function observationOf(
  { slots, sides, weights, maintenance }: SimulatedReplicas,
  given: Readonly<Record<string, string>>,
  now: Date,
): Observation {
  const all = [
    ...[...slots.values()].map((replica) => ({ ...replica, isBeside: false })),
    ...[...sides.values()].map((replica) => ({ ...replica, isBeside: true })),
  ];
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
        .map(({ secrets, crashesAt, isBeside, ...replica }) => ({
          ...replica,
          ...(isBeside ? { beside: true as const, inRotation: weights.has(name) } : {}),
          ...(crashesAt !== null && now.getTime() >= crashesAt
            ? { state: "exited" as const, inRotation: false }
            : {}),
          ...changedSecrets(secrets, given),
        })),
    })),
  };
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
