import type { Clock } from "../../model/clock.ts";
import { failure, unreachable } from "../../model/errors.ts";
import type { AnalyseOperation, Operation, Release, Timeouts } from "../../model/plan.ts";

export interface TimeLimit {
  readonly seconds: number;
  /** What is given up, for people: `migrate the database: 3_ratings`. */
  readonly what: string;
  readonly environment: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export const timedOutCode = "TIMED_OUT";

/** Seconds that what was given up gets to end in order. */
const graceSeconds = 15;

/**
 * Gives work up when its time is over. It hears of it by its signal; what does not listen is not waited for.
 * @throws FairwayError TIMED_OUT (exit 1)
 */
export async function within<T>(limit: TimeLimit, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { seconds, clock } = limit;
  const over = new AbortController();
  const ended = new AbortController();
  const pass = async (duration: number) => clock.sleep(duration * 1000, ended.signal);
  const givenUp = async (): Promise<never> => {
    await pass(seconds);
    over.abort(timedOut(limit));
    await pass(graceSeconds);
    throw over.signal.reason;
  };
  const alarm = givenUp();
  // When the work ends first, so does the alarm, and nobody listens to it.
  alarm.catch(() => undefined);
  try {
    return await Promise.race([work(AbortSignal.any([limit.signal, over.signal])), alarm]);
  } catch (error) {
    throw over.signal.aborted ? over.signal.reason : error;
  } finally {
    ended.abort(new Error("the work has ended"));
  }
}

/** Seconds: what the operation is meant to wait, and what it may take beside that. */
export function secondsFor(operation: Operation, release: Release, timeouts: Timeouts): number {
  const beside = timeouts.operation;
  switch (operation.kind) {
    // They take as long as there is data.
    case "backup":
    case "restore":
    case "migrate":
      return timeouts.migrate;
    case "replace-replica":
      return beside + starting(1, operation, release);
    case "start-beside":
      return beside + starting(operation.replicas, operation, release);
    case "take-over":
      return beside + starting(Infinity, operation, release);
    case "stop-beside":
      return beside + starting(0, operation, release);
    case "await-healthy":
    case "check-dependencies":
      return beside + operation.timeoutSeconds;
    case "analyse":
      return beside + meantToWait(operation);
    case "watch":
      return beside + operation.seconds;
    case "maintenance":
    case "remove-replica":
    case "set-weight":
    case "set-images":
    case "smoke":
    case "run-script":
    case "tag-images":
      return beside;
    default:
      return unreachable(operation);
  }
}

/** Seconds in which so many replicas of a service start, one after the other, and those that they replace are drained. */
function starting(count: number, of: { readonly service: string }, { services }: Release): number {
  const service = services.find(({ name }) => name === of.service);
  if (service === undefined) return 0;
  return Math.min(count, service.replicas) * service.probes.startupTimeoutSeconds + service.drainSeconds;
}

/** Seconds for all operations: what a rollout is meant to wait does not count. */
export function secondsForAll(operations: readonly Operation[], { deploy }: Timeouts): number {
  return operations.reduce((sum, operation) => sum + secondsOfWaiting(operation), deploy);
}

function secondsOfWaiting(operation: Operation): number {
  if (operation.kind === "analyse") return meantToWait(operation);
  return operation.kind === "watch" ? operation.seconds : 0;
}

/** With the looks at which a source may be away before it begins. */
function meantToWait({ holdSeconds, extendSeconds, lookSeconds, sourceErrors }: AnalyseOperation): number {
  return holdSeconds + extendSeconds + lookSeconds * sourceErrors;
}

function timedOut({ what, seconds, environment }: TimeLimit) {
  return failure(`${what}: given up after ${String(seconds)} s, which is all the time that it gets`, {
    code: timedOutCode,
    place: `fairway.yaml environments.${environment}.timeouts`,
    remedy: "Look for what it waits for; give it more time where it needs more.",
  });
}
