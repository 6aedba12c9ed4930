import type { Clock } from "../../model/clock.ts";
import type { CheckedScenario } from "../scenario/scenario.ts";
import type { ReplicaBehaviour } from "../target/simulated-target.ts";
import type { Behaviour } from "../target/visitors.ts";

/** How versions and visitors behave, at any time. */
export interface Behaviours {
  readonly replica: (version: string) => ReplicaBehaviour;
  readonly answers: (
    version: string,
    at: Date,
  ) => Behaviour & { readonly figures: Readonly<Record<string, number>> };
  readonly perSecond: (at: Date) => number;
  /** Milliseconds of the epoch at which anything of it changes. */
  readonly changes: (from: number, until: number) => readonly number[];
}

const hourMs = 3_600_000;

export function behaviours({ releases, visitors, zone }: CheckedScenario, clock: Clock): Behaviours {
  const firstStarts = new Map<string, number>();
  const { perSecond, byHour } = visitors;
  const hours = Object.entries(byHour)
    .map(([hour, rate]) => ({ hour: Number(hour), rate }))
    .sort((one, other) => one.hour - other.hour);
  const hourAt = hourIn(zone);
  return {
    replica: (version) => {
      const release = releases[version];
      if (!firstStarts.has(version)) firstStarts.set(version, clock.now().getTime());
      if (release === undefined) return {};
      const { startSeconds, neverReady, crashAfterSeconds, failsSmoke } = release;
      return {
        ...{ startSeconds, neverReady, failsSmoke },
        ...(crashAfterSeconds === undefined ? {} : { crashAfterSeconds }),
      };
    },
    answers: (version, at) => {
      const release = releases[version];
      const since = (at.getTime() - (firstStarts.get(version) ?? at.getTime())) / 1000;
      const changed = (release?.changes ?? []).filter(({ afterSeconds }) => afterSeconds <= since);
      const now = Object.assign({}, release, ...changed.map(defined)) as NonNullable<typeof release>;
      return { errors: now.errorPercent / 100, median: now.medianMilliseconds, figures: now.figures };
    },
    perSecond: (at) => {
      if (hours.length === 0) return perSecond;
      const hour = hourAt(at);
      return (hours.findLast((one) => one.hour <= hour) ?? hours.at(-1))?.rate ?? perSecond;
    },
    changes: (from, until) => [
      ...(hours.length === 0 ? [] : hoursBetween(from, until)),
      ...Object.entries(releases).flatMap(([version, { changes }]) => {
        const first = firstStarts.get(version);
        return first === undefined ? [] : changes.map(({ afterSeconds }) => first + 1000 * afterSeconds);
      }),
    ],
  };
}

/** Clocks change their hour at a full one, in all zones but those that are half an hour off: then half of it is told late. */
function hoursBetween(from: number, until: number): number[] {
  const first = Math.ceil(from / hourMs) * hourMs;
  return Array.from(
    { length: Math.max(0, Math.ceil((until - first) / hourMs)) },
    (_, index) => first + index * hourMs,
  );
}

function hourIn(zone: string): (at: Date) => number {
  const format = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", hourCycle: "h23", timeZone: zone });
  return (at) => Number(format.format(at));
}

function defined(change: object): object {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}
