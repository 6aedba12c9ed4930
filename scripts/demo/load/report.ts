import type { Outcome } from "./request.ts";

/** What the load saw, from its first request to the last answer. */
export interface LoadReport {
  /** RFC 3339, UTC. */
  readonly startedAt: string;
  readonly endedAt: string;
  readonly seconds: number;
  readonly sent: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly failures: readonly FailureReport[];
  /** Requests by status; those without a response are not in it. */
  readonly statuses: Readonly<Record<string, number>>;
  /** By the release that answered, in the order in which they first did. */
  readonly versions: Readonly<Record<string, VersionReport>>;
  readonly kinds: Readonly<Record<string, { readonly sent: number; readonly failed: number }>>;
  readonly connections: { readonly opened: number; readonly reused: number };
  readonly withBody: number;
  /** Of the requests that succeeded, without the ones that are slow on purpose. */
  readonly latencyMs: Latency;
  /** The most requests that were in flight at once. */
  readonly mostInFlight: number;
}

export interface VersionReport {
  readonly answered: number;
  readonly failed: number;
  /** Of its requests that succeeded, without the ones that are slow on purpose. */
  readonly p95Ms: number;
}

export interface FailureReport {
  readonly reason: string;
  /** The release that answered; null where no response began, or none of a release. */
  readonly version: string | null;
  readonly count: number;
  readonly first: { readonly at: string; readonly request: string; readonly detail: string };
}

export interface Latency {
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** Counts outcomes as they come. */
export class LoadRecord {
  readonly #startedAt = new Date();
  readonly #outcomes: { readonly outcome: Outcome; readonly at: Date }[] = [];
  #inFlight = 0;
  #mostInFlight = 0;

  get inFlight(): number {
    return this.#inFlight;
  }

  started(): void {
    this.#inFlight += 1;
    this.#mostInFlight = Math.max(this.#mostInFlight, this.#inFlight);
  }

  ended(outcome: Outcome): void {
    this.#inFlight -= 1;
    this.#outcomes.push({ outcome, at: new Date() });
  }

  report(): LoadReport {
    const endedAt = new Date();
    const outcomes = this.#outcomes.map(({ outcome }) => outcome);
    const failed = outcomes.filter((outcome) => outcome.failure !== null);
    const quick = outcomes.filter(isQuick);
    return {
      startedAt: this.#startedAt.toISOString(),
      endedAt: endedAt.toISOString(),
      seconds: Math.round((endedAt.getTime() - this.#startedAt.getTime()) / 100) / 10,
      sent: outcomes.length,
      succeeded: outcomes.length - failed.length,
      failed: failed.length,
      failures: this.#failures(),
      statuses: countBy(outcomes, ({ status }) => (status === null ? null : String(status))),
      versions: versionsOf(outcomes),
      kinds: kindsOf(outcomes),
      connections: {
        opened: outcomes.filter((outcome) => !outcome.reusedConnection).length,
        reused: outcomes.filter((outcome) => outcome.reusedConnection).length,
      },
      withBody: outcomes.filter((outcome) => outcome.kind.body !== undefined).length,
      latencyMs: latencyOf(quick.map((outcome) => outcome.latencyMs)),
      mostInFlight: this.#mostInFlight,
    };
  }

  #failures(): FailureReport[] {
    const reasons = new Map<string, FailureReport>();
    for (const { outcome, at } of this.#outcomes) {
      const { failure: reason, version } = outcome;
      if (reason === null) continue;
      const request = `${outcome.kind.method} ${outcome.kind.url}`;
      const first = { at: at.toISOString(), request, detail: outcome.detail };
      const key = JSON.stringify([reason, version]);
      const seen = reasons.get(key) ?? { reason, version, count: 0, first };
      reasons.set(key, { ...seen, count: seen.count + 1 });
    }
    return [...reasons.values()];
  }
}

function isQuick({ failure, kind }: Outcome): boolean {
  return failure === null && !kind.name.includes("slow");
}

function versionsOf(outcomes: readonly Outcome[]): LoadReport["versions"] {
  const names = [...new Set(outcomes.flatMap(({ version }) => (version === null ? [] : [version])))];
  return Object.fromEntries(
    names.map((name) => {
      const own = outcomes.filter(({ version }) => version === name);
      const quick = own.filter(isQuick).map(({ latencyMs }) => latencyMs);
      const failed = own.filter(({ failure }) => failure !== null).length;
      return [name, { answered: own.length, failed, p95Ms: latencyOf(quick).p95 }];
    }),
  );
}

function kindsOf(outcomes: readonly Outcome[]): LoadReport["kinds"] {
  const kinds: Record<string, { sent: number; failed: number }> = {};
  for (const { kind, failure } of outcomes) {
    const counts = (kinds[kind.name] ??= { sent: 0, failed: 0 });
    counts.sent += 1;
    if (failure !== null) counts.failed += 1;
  }
  return kinds;
}

function countBy(
  outcomes: readonly Outcome[],
  name: (outcome: Outcome) => string | null,
): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const outcome of outcomes) {
    const key = name(outcome);
    if (key !== null) counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

/** The nearest-rank quantiles, in whole milliseconds. */
export function latencyOf(values: readonly number[]): Latency {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (quantile: number) =>
    Math.round(sorted[Math.max(0, Math.ceil(sorted.length * quantile) - 1)] ?? 0);
  return { p50: at(0.5), p90: at(0.9), p95: at(0.95), p99: at(0.99), max: at(1) };
}
