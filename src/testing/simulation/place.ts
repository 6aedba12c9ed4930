import type { EnvironmentConfig } from "../../config/config.ts";
import { failure } from "../../model/errors.ts";
import type { MetricSource } from "../../model/metric.ts";
import type { OperationContext, Target } from "../../model/target.ts";
import { ownFigures } from "../../release/analysis/own-figures.ts";
import type { EventClock } from "../clocks/event-clock.ts";
import { seededRandom } from "../seeded-random.ts";
import type { CheckedScenario } from "../scenario/scenario.ts";
import { simulatedReplicas, type SimulatedReplicas } from "../target/simulated-replicas.ts";
import { simulatedTarget, type SimulatedTarget } from "../target/simulated-target.ts";
import {
  simulatedBackups,
  simulatedDatabase,
  type SimulatedBackups,
  type SimulatedDatabase,
} from "../target/simulated-database.ts";
import { withVisitors } from "../target/visitors.ts";
import type { Behaviours } from "./behaviours.ts";
import type { SimulatedProcess } from "./process.ts";

/** One environment: what runs there, and what has been done to it. */
export interface Place {
  readonly name: string;
  readonly target: SimulatedTarget;
  readonly replicas: SimulatedReplicas;
  readonly database: SimulatedDatabase;
  readonly backups: SimulatedBackups;
  /** Each thing that was carried out to its end, in order. */
  readonly done: DoneOperation[];
  /** Each change of what a version gets, and of what is ready. */
  readonly seen: Seen[];
  /** Sources of metrics that do not answer, by name; `target` for its own figures. */
  readonly down: Set<string>;
  readonly refusals: { readonly what: string; times: number }[];
}

export interface DoneOperation {
  /** The deployment and the operation's number in it: the same for each try. */
  readonly id: string;
  readonly kind: string;
  readonly elapsedMs: number;
}

/** What there was of one service after a change. */
export interface Seen {
  readonly elapsedMs: number;
  readonly service: string;
  /** 0 where nothing gets visitors beside. */
  readonly percent: number;
  /** That gets them; null for none. */
  readonly version: string | null;
  /** Versions of the replicas that are ready, in their slots and beside. */
  readonly ready: readonly string[];
  readonly besideReady: readonly string[];
}

export function placeOf(
  name: string,
  { scenario, clock, behaviours }: { scenario: CheckedScenario; clock: EventClock; behaviours: Behaviours },
): Place {
  const replicas = simulatedReplicas();
  const target = withVisitors(
    simulatedTarget(name, { clock, behaviour: behaviours.replica, replicas }),
    clock,
    {
      ...{ perSecond: behaviours.perSecond, behaviour: behaviours.answers, changes: behaviours.changes },
      seed: scenario.seed,
    },
  );
  const database = simulatedDatabase();
  const backups = simulatedBackups(database, { clock, ...scenario.database });
  const place: Place = {
    ...{ name, target, replicas, database, backups, done: [], seen: [], down: new Set(), refusals: [] },
  };
  backups.onRestored = (deployment) => {
    // Whatever serves from the database is stopped for it.
    replicas.change(() => {
      for (const all of [replicas.slots, replicas.sides, replicas.weights]) all.clear();
    });
    place.done.push({ id: deployment, kind: "restore", elapsedMs: clock.elapsed() });
  };
  replicas.watchers.add((moment) => {
    if (moment === "before") return;
    for (const service of Object.keys(scenario.services)) place.seen.push(seenOf(service, replicas, clock));
  });
  return place;
}

/** The environment as a process reaches it: nothing of it goes on once the process is dead. */
export function targetFor(
  place: Place,
  process: SimulatedProcess,
  behaviours: Behaviours,
  clock: EventClock,
): Target {
  const { target, replicas } = place;
  const own = simulatedTarget(place.name, { clock: process.clock, behaviour: behaviours.replica, replicas });
  own.onOperation = (title) => {
    // That it is asked for is told once it is so: too late to refuse it.
    if (!title.startsWith("maintenance")) requireTaken(place, title);
  };
  return {
    ...own,
    observe: (secrets) => process.ask(() => own.observe(secrets)),
    prepare: (context, needs) => process.ask(() => own.prepare(context, needs)),
    smoke: (...asked) =>
      process.ask(async () => {
        requireTaken(place, `smoke ${[...new Set(asked[0].map(({ service }) => service))].join(",")}`);
        return own.smoke(...asked);
      }),
    maintain: (on, context) =>
      process.ask(async () => {
        requireTaken(place, `maintenance ${on ? "on" : "off"}`);
        const result = await own.maintain(on, context);
        noteDone(place, "maintenance", context, clock);
        return result;
      }),
    stop: (context, options) => process.ask(() => own.stop(context, options)),
    traffic: () =>
      process.ask(() => figuresOf(place, "target", async () => (await target.traffic?.()) ?? [])),
    apply: (operation, release, context) =>
      process.ask(async () => {
        const result = await own.apply(operation, release, context);
        noteDone(place, operation.kind, context, clock);
        return result;
      }),
  };
}

/** What befalls an operation where it is carried out. */
export function requireTaken({ refusals }: Place, title: string): void {
  const refusal = refusals.find(({ what, times }) => times > 0 && title.startsWith(what));
  if (refusal === undefined) return;
  refusal.times -= 1;
  throw failure(`the target refused it: ${title}`, { code: "TARGET_REFUSED" });
}

/** The same id for each try. */
export function noteDone(
  { done }: Place,
  kind: string,
  { operationId }: Pick<OperationContext, "operationId">,
  clock: EventClock,
): void {
  const id = operationId.split("/").slice(0, 2).join("/");
  done.push({ id, kind, elapsedMs: clock.elapsed() });
}

/** Every source that the limits name: it counts the same visitors, and knows the figures of each release. */
export function metricsFor(
  place: Place,
  settings: EnvironmentConfig,
  { answers }: Behaviours,
  { scenario, clock }: { readonly scenario: CheckedScenario; readonly clock: EventClock },
): ReadonlyMap<string, MetricSource> {
  const counted = ownFigures({
    kind: "simulated",
    traffic: async () => (await place.target.traffic?.()) ?? [],
  });
  const source = (name: string): MetricSource => ({
    kind: "simulated",
    watch: (query, signal) =>
      figuresOf(place, name, async () => {
        const { limit, version } = query;
        const random = seededRandom(scenario.seed);
        const values: number[] = [];
        const watch =
          limit.metric === "value"
            ? {
                read: async () => {
                  const figure = answers(version, clock.now()).figures[limit.name];
                  if (figure === undefined) throw unreadable(`${name} knows no ${limit.name} of ${version}`);
                  values.push(figure * (0.95 + 0.1 * random()));
                  return { kind: "values" as const, values: [...values] };
                },
              }
            : await counted.watch(query, signal);
        return { ...watch, read: (until) => figuresOf(place, name, () => watch.read(until)) };
      }),
  });
  return new Map(sourcesOf(settings).map((name) => [name, source(name)]));
}

/** Names of the sources that the environment's limits have. */
function sourcesOf({ strategy }: EnvironmentConfig): readonly string[] {
  if (!("canary" in strategy)) return [];
  const named = strategy.canary.limits.flatMap(
    (limit) => Object.values(limit) as { source: string | null }[],
  );
  return [...new Set(named.flatMap(({ source }) => source ?? []))];
}

async function figuresOf<T>(place: Place, source: string, read: () => Promise<T>): Promise<T> {
  if (place.down.has(source))
    throw unreadable(`${source === "target" ? "the target" : source} does not answer`);
  return read();
}

function unreadable(why: string) {
  return failure(why, { code: "METRIC_UNREADABLE" });
}

function seenOf(
  service: string,
  { slots, sides, weights, isReady }: SimulatedReplicas,
  clock: EventClock,
): Seen {
  const ready = (there: typeof slots) =>
    [...there.values()]
      .filter((replica) => replica.service === service && isReady(replica, clock.now()))
      .map(({ version }) => version);
  const weight = weights.get(service);
  return {
    elapsedMs: clock.elapsed(),
    service,
    percent: weight?.percent ?? 0,
    version: weight?.version ?? null,
    ready: ready(slots),
    besideReady: ready(sides),
  };
}
