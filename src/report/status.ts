import type { Json } from "../model/canonical-json.ts";
import type { Operation } from "../model/plan.ts";
import type { Lease } from "../model/ledger.ts";
import { byHand, type Observation, type ObservedReplica, type ObservedService } from "../model/target.ts";
import { toldOf } from "../release/gates/judge.ts";
import type { EnvironmentState } from "../release/state.ts";
import { heldStepJson, heldStepText, type HeldStep } from "./held-step.ts";
import type { Waiting } from "./waiting.ts";
import type { LastLive } from "./last-live.ts";
import { ago, indent, table } from "./text.ts";

/** One environment: what the ledger says is live, and what its target says runs. */
export interface EnvironmentStatus {
  readonly state: EnvironmentState;
  /** What was live until it was stopped; null unless nothing is live for that reason. */
  readonly stopped: LastLive | null;
  /** The plan that waits for its gates; null for none. */
  readonly waiting: Waiting | null;
  readonly observed: Observation;
  /** Who is at work there now. */
  readonly holder: Lease | null;
  /** The step of a rollout that is judged now, or waits for a person. @default null */
  readonly held?: HeldStep | null;
}

export function statusText(statuses: readonly EnvironmentStatus[], now: Date, command: string): string {
  return statuses.map((status) => environmentText(status, now, command)).join("\n\n");
}

export function statusJson(statuses: readonly EnvironmentStatus[]): Json {
  return statuses.map(({ state, stopped, waiting, observed, holder, held = null }) => ({
    environment: state.environment,
    live:
      state.live === null
        ? null
        : {
            version: state.live.release.version,
            commit: state.live.release.commit,
            deployment: state.live.deployment,
            since: state.live.since,
            actor: state.live.actor,
          },
    stopped: stopped as unknown as Json,
    unsettled:
      state.unsettled === null ? null : { deployment: state.unsettled.id, outcome: state.unsettled.outcome },
    busy:
      holder === null ? null : { holder: holder.holder, purpose: holder.purpose, until: holder.expiresAt },
    judging: held === null ? null : heldStepJson(held),
    waiting: waiting as unknown as Json,
    observed: observed as unknown as Json,
  }));
}

function environmentText(
  { state, stopped, waiting, observed, holder, held = null }: EnvironmentStatus,
  now: Date,
  command: string,
): string {
  const lines = [
    `${state.environment}  ${stopped === null ? liveText(state, now) : stoppedText(stopped, now)}`,
  ];
  if (holder !== null) {
    lines.push(
      indent(`busy: ${holder.holder} is running a ${holder.purpose}, begun ${ago(holder.acquiredAt, now)}`),
    );
  } else if (state.unsettled !== null) {
    const { id, release, startedAt, outcome, message, operations } = state.unsettled;
    const reviewed = operations.find((entry) => entry.state === "in review");
    const asks = reviewed === undefined ? "" : ` --operation ${String(reviewed.index + 1)}`;
    const resume = `${command} resume --env ${state.environment}`;
    const how =
      outcome === "in review"
        ? `${heldText(reviewed?.operation)}: ${message ?? ""}`
        : outcome === "failed"
          ? "failed, and its way back failed too"
          : outcome === "interrupted"
            ? "was cut off"
            : "did not end: its process is gone";
    lines.push(
      indent(`not settled: ${id} (${release.version}) began ${ago(startedAt, now)} and ${how}.`),
      ...(outcome === "in review"
        ? [
            indent(`go on:      ${resume} --answer done${asks}`),
            indent(`look again: ${resume} --answer not-done${asks}`),
            indent(`go back:    ${command} abort --env ${state.environment}`),
          ]
        : [indent(`go on:   ${resume}`), indent(`go back: ${command} abort --env ${state.environment}`)]),
    );
  }
  if (held !== null) lines.push(indent(heldStepText(held, now)));
  if (waiting !== null) {
    const { version, actor, since, closed } = waiting;
    lines.push(indent(`held: ${version}, asked for by ${actor} ${ago(since, now)}`));
    lines.push(indent(indent(table(closed.map((judgement) => [judgement.gate, toldOf(judgement)])))));
  }
  if (stopped !== null && holder === null && state.unsettled === null) {
    // What was in no commit cannot be checked out.
    const how = stopped.version.includes("-dirty.") ? "" : `, with ${stopped.version} checked out`;
    lines.push(indent(`bring it back${how}: ${command} deploy --env ${state.environment}`));
  }
  const { maintenance = null } = observed;
  if (maintenance !== null) {
    const by = maintenance.by === byHand ? "" : `, put on by ${maintenance.by}`;
    lines.push(indent(`in maintenance since ${ago(maintenance.since, now)}${by}: visitors are answered 503`));
    if (holder === null && state.unsettled === null)
      lines.push(indent(`let them in: ${command} maintenance --env ${state.environment} --off`));
  }
  if (observed.database?.running === false) lines.push(indent("its database does not run"));
  const rows = observed.services.flatMap((service) =>
    service.replicas.map((replica) => [
      `${service.name} ${String(replica.index + 1)}${replica.beside === true ? " beside" : ""}`,
      replica.version,
      replicaState(replica),
      `pid ${String(replica.processId)}`,
      `started ${ago(replica.startedAt, now)}`,
      replica.lastKilled ?? "",
    ]),
  );
  lines.push(...observed.services.flatMap(weightText));
  const { revision } = observed;
  if (revision !== undefined) {
    lines.push(indent(`${revision.id.slice(0, 7)}  ${revision.health}  ${revision.detail}`.trimEnd()));
    const images = Object.entries(revision.images).map(([name, image]) => [name, image ?? "nothing"]);
    lines.push(indent(table(images)));
  }
  if (rows.length > 0) lines.push(indent(table(rows)));
  else if (state.live !== null && revision === undefined) lines.push(indent("nothing runs"));
  const urls = observed.services.flatMap(urlsOf);
  if ((rows.length > 0 || revision !== undefined) && urls.length > 0) lines.push(indent(table(urls)));
  if (observed.metricsUrl !== undefined) lines.push(indent(`metrics for Prometheus: ${observed.metricsUrl}`));
  return lines.join("\n");
}

/** What waits for a person: a part of the visitors, or all of them, have it already. */
function heldText(operation: Operation | undefined): string {
  return operation?.kind === "analyse"
    ? "keeps its part of the visitors, and waits for somebody to say whether it gets more"
    : "serves, and waits for somebody to say whether it stays";
}

function weightText({ name, weight }: ObservedService): string[] {
  if (weight === undefined) return [];
  const { version, percent, sticky } = weight;
  return [
    indent(
      `${version} beside gets ${String(percent)} % of the visitors of ${name}${sticky ? ", each of whom stays where he is" : ""}`,
    ),
  ];
}

/** The idle address is of interest while something answers there. */
function urlsOf({ name, url, idleUrl, replicas }: ObservedService): string[][] {
  const isAnswered = idleUrl !== undefined && replicas.some(({ beside }) => beside === true);
  return [...(url === null ? [] : [[name, url]]), ...(isAnswered ? [[`${name} beside`, idleUrl]] : [])];
}

function liveText(state: EnvironmentState, now: Date): string {
  if (state.live === null) return "nothing is live";
  const { release, deployment, since, actor } = state.live;
  const branch = release.branch === null ? "" : ` on ${release.branch}`;
  return `${release.version}${branch} is live: ${deployment}, ${ago(since, now)}, by ${actor}`;
}

function stoppedText({ version, branch, stoppedAt, actor, dataRemoved }: LastLive, now: Date): string {
  const what = branch === null ? version : `${version} on ${branch}`;
  const data = dataRemoved ? "; its data was removed" : "";
  return `nothing is live: ${what} was, until ${actor} stopped it ${ago(stoppedAt, now)}${data}`;
}

function replicaState(replica: ObservedReplica): string {
  if (replica.state === "ready") {
    if (replica.inRotation) return "serving";
    return replica.beside === true ? "ready, without visitors" : "ready, not in rotation";
  }
  return replica.state;
}
