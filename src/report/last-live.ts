import type { LedgerEvent } from "../model/ledger.ts";
import type { EnvironmentState } from "../release/state.ts";

/** The release that somebody took down, with all that ran beside it. */
export interface LastLive {
  readonly version: string;
  readonly branch: string | null;
  readonly deployment: string;
  readonly stoppedAt: string;
  readonly actor: string;
  /** True when the environment's data went with it, or after it. */
  readonly dataRemoved: boolean;
}

/** What was live before the environment was stopped; null while something is, or where nothing ever was. */
export function lastLive(
  state: Pick<EnvironmentState, "live" | "deployments">,
  events: readonly LedgerEvent[],
): LastLive | null {
  const last = state.deployments.findLast(({ outcome }) => outcome === "succeeded");
  if (state.live !== null || last === undefined) return null;
  const proven = events.findLast(
    ({ type, deployment }) => type === "deployment-succeeded" && deployment === last.id,
  );
  const stops = events.filter(
    ({ type, sequence }) => type === "environment-stopped" && sequence > (proven?.sequence ?? 0),
  );
  const [first] = stops;
  if (first === undefined) return null;
  const { version, branch } = last.release;
  return {
    version,
    branch,
    deployment: last.id,
    stoppedAt: first.at,
    actor: first.actor,
    dataRemoved: stops.some(({ payload }) => (payload as { dataRemoved?: unknown }).dataRemoved === true),
  };
}
