import { unreachable } from "../../model/errors.ts";
import type { LedgerEvent } from "../../model/ledger.ts";
import { environmentState } from "../../release/state.ts";
import { verifyLedger } from "../../release/verify/verify.ts";
import type { Expectation } from "../scenario/expectations.ts";
import type { CommandEnd } from "./commands.ts";
import type { Place } from "./place.ts";

/** What was expected, and what was seen. */
export interface JudgedExpectation {
  /** In words: `v2 is live in production at +3h`. */
  readonly expected: string;
  readonly holds: boolean;
  /** What was seen instead; null where it holds. */
  readonly seen: string | null;
}

/** All that is known at the end; what is expected of an earlier time was looked at then. */
export interface Evidence {
  readonly events: readonly LedgerEvent[];
  readonly ends: ReadonlyMap<string, CommandEnd>;
  readonly placeOf: (named: string | undefined) => Place;
  readonly since: (time: string) => number;
  /** By the place of the expectation in the scenario. */
  readonly snapshots: ReadonlyMap<number, Snapshot>;
}

/** What an environment was at one time. */
export interface Snapshot {
  readonly live: string;
  readonly serves: string;
  /** Whether visitors are kept out. */
  readonly maintenance: "on" | "off";
  /** Those of the database, in the order in which they came. */
  readonly migrated: readonly string[];
  /** Those that can be brought back, oldest first. */
  readonly backups: readonly string[];
}

/** What the ledger says is live, and what the replicas are. */
export function snapshotOf(place: Place, events: readonly LedgerEvent[]): Snapshot {
  const { live, backups } = environmentState(place.name, events);
  const there = place.backups.kept();
  return {
    live: live?.release.version ?? "nothing",
    serves: servesIn(place),
    maintenance: place.replicas.maintenance === null ? "off" : "on",
    migrated: [...place.database.migrations],
    backups: backups.map(({ id }) => id).filter((id) => there.includes(id)),
  };
}

/** One version where all is of one, and nothing runs beside; else what there is. */
function servesIn({ target }: Place): string {
  const slots = [...new Set(Object.values(target.serving()))];
  const beside = [...new Set(Object.values(target.beside()))];
  const weight = [...target.replicas.weights.values()][0]?.percent ?? 0;
  const own = slots.length === 0 ? "nothing" : slots.join(" and ");
  return beside.length === 0 ? own : `${own}, with ${beside.join(" and ")} beside at ${String(weight)} %`;
}

export function judgeExpectation(one: Expectation, index: number, evidence: Evidence): JudgedExpectation {
  const told = (expected: string, seen: string | null): JudgedExpectation => ({
    ...{ expected, holds: seen === null, seen },
  });
  if ("outcome" in one) return told(outcomeText(one), outcomeSeen(one, evidence.ends.get(one.of)));
  const place = evidence.placeOf(one.in);
  const { name } = place;
  if ("live" in one || "serves" in one || "maintenance" in one || "migrated" in one || "backups" in one) {
    const snapshot = evidence.snapshots.get(index) ?? snapshotOf(place, evidence.events);
    const { expected, wanted, is } = stateOf(one, name, snapshot);
    return told(`${expected}${one.at === undefined ? "" : ` at ${one.at}`}`, is === wanted ? null : is);
  }
  if ("weightAtMost" in one) {
    const from = one.from === undefined ? -Infinity : evidence.since(one.from);
    const until = one.until === undefined ? Infinity : evidence.since(one.until);
    const most = mostOf(place, one.of, { from, until });
    const when = [
      one.from === undefined ? "" : ` from ${one.from}`,
      one.until === undefined ? "" : ` until ${one.until}`,
    ];
    return told(
      `${one.of} never gets more than ${String(one.weightAtMost)} % of the visitors of ${name}${when.join("")}`,
      most <= one.weightAtMost ? null : `${String(most)} %`,
    );
  }
  if ("neverTwice" in one) {
    const { neverTwice } = one;
    const kinds = neverTwice === "all" ? null : neverTwice;
    const twice = doneTwice(place).filter(({ kind }) => kinds === null || kinds.includes(kind));
    return told(
      `no ${kinds === null ? "operation" : kinds.join(", ")} of a deployment is carried out twice in ${name}`,
      twice.length === 0 ? null : twice.map(({ id, kind }) => `${kind} (${id})`).join(", "),
    );
  }
  if ("history" in one) {
    const { deployments } = environmentState(name, evidence.events);
    const text = (all: readonly { release: string; outcome: string; by?: string | undefined }[]) =>
      all
        .map(({ release, outcome, by }) => `${release} ${outcome}${by === undefined ? "" : ` by ${by}`}`)
        .join(", ");
    const is = deployments.map(({ release, outcome, actor }, at) => ({
      ...{ release: release.version, outcome },
      ...(one.history[at]?.by === undefined ? {} : { by: actor.replace(/@[^@]*$/, "") }),
    }));
    const [wanted, seen] = [text(one.history), text(is)];
    return told(`history of ${name} says: ${wanted}`, wanted === seen ? null : seen);
  }
  return unreachable(one);
}

type StateExpectation = Extract<
  Expectation,
  | { live: string }
  | { serves: string }
  | { maintenance: string }
  | { migrated: unknown }
  | { backups: unknown }
>;

/** What an environment was expected to be, in words, and what it was. */
function stateOf(
  one: StateExpectation,
  name: string,
  { live, serves, maintenance, migrated, backups }: Snapshot,
): { readonly expected: string; readonly wanted: string; readonly is: string } {
  const list = (all: readonly string[]) => (all.length === 0 ? "nothing" : all.join(", "));
  if ("live" in one) return { expected: `${one.live} is live in ${name}`, wanted: one.live, is: live };
  if ("serves" in one)
    return { expected: `${one.serves} serves alone in ${name}`, wanted: one.serves, is: serves };
  if ("maintenance" in one)
    return {
      expected: `maintenance of ${name} is ${one.maintenance}`,
      wanted: one.maintenance,
      is: maintenance,
    };
  if ("migrated" in one) {
    const wanted = list(one.migrated);
    return { expected: `the database of ${name} has ${wanted}`, wanted, is: list(migrated) };
  }
  const wanted = list(one.backups);
  return { expected: `backups of ${name} are ${wanted}`, wanted, is: list(backups) };
}

/** What holds in every simulation. */
export function judgeAlways({ events }: Evidence): JudgedExpectation {
  const { findings } = verifyLedger(events);
  const seen = findings.length === 0 ? null : findings.map(({ place, why }) => `${place}: ${why}`).join("; ");
  return { expected: "the ledger proves unbroken", holds: seen === null, seen };
}

type OutcomeExpectation = Extract<Expectation, { outcome: string }>;

function outcomeText({ of, outcome, code, exitCode, says }: OutcomeExpectation): string {
  const details = [
    ...(code === undefined ? [] : [code]),
    ...(exitCode === undefined ? [] : [`exit ${String(exitCode)}`]),
    ...(says === undefined ? [] : [`says "${says}"`]),
  ];
  return `${of} ends ${outcome}${details.length === 0 ? "" : ` (${details.join(", ")})`}`;
}

function outcomeSeen(one: OutcomeExpectation, end: CommandEnd | undefined): string | null {
  if (end === undefined) return "it had not ended when the simulation did";
  const { outcome, code, exitCode, says } = one;
  const holds =
    outcome === end.outcome &&
    (code ?? end.code) === end.code &&
    (exitCode ?? end.exitCode) === end.exitCode &&
    (says === undefined || end.message.includes(says));
  if (holds) return null;
  const how = [
    ...(end.code === null ? [] : [end.code]),
    ...(end.exitCode === null ? [] : [`exit ${String(end.exitCode)}`]),
  ];
  return `${end.outcome} (${how.join(", ")}): ${end.message}`;
}

/** Also what it had when the time began. */
function mostOf({ seen }: Place, version: string, { from, until }: { from: number; until: number }): number {
  const services = new Set(seen.map(({ service }) => service));
  const most = [...services].map((service) => {
    const own = seen.filter((one) => one.service === service && one.elapsedMs <= until);
    const before = own.findLast(({ elapsedMs }) => elapsedMs <= from);
    const within = own.filter(({ elapsedMs }) => elapsedMs > from);
    const all = [...(before === undefined ? [] : [before]), ...within];
    return Math.max(0, ...all.map((one) => shareOf(one, version)));
  });
  return Math.max(0, ...most);
}

/** Percent of the visitors that get this version, beside or in the slots. */
function shareOf({ percent, version, ready, besideReady }: Place["seen"][number], of: string): number {
  const beside = besideReady.length === 0 ? 0 : percent;
  const inSlots = ready.length === 0 ? 0 : ready.filter((one) => one === of).length / ready.length;
  return (version === of ? beside : 0) + (100 - beside) * inSlots;
}

function doneTwice({ done }: Place): Place["done"] {
  return done.filter(({ id, kind }, index) =>
    done.slice(0, index).some((earlier) => earlier.id === id && earlier.kind === kind),
  );
}
