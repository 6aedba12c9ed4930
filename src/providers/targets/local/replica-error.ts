import { failure, isFairwayError, type FairwayError } from "../../../model/errors.ts";
import { excerpt } from "./excerpt.ts";
import type { ReplicaLog } from "./log-files.ts";
import type { FirstReady, Replica, ReplicaDefinition } from "./replica.ts";

/** Lines at the end of its log that are looked at: seconds of probes that were refused are among them. */
const readLines = 2_000;

/** Why a replica was not admitted, with the end of its log, whose file is the place. */
export function notReadyError(
  replica: Replica,
  first: Exclude<FirstReady, { kind: "ready" }>,
  old: Replica | undefined,
): FairwayError {
  const { service, version, index } = replica.definition;
  const who = `${service.name} ${String(index + 1)} at ${version}`;
  const left = old === undefined ? "" : `; ${old.definition.version} is untouched`;
  const code =
    first.kind === "aborted"
      ? "REPLICA_ABORTED"
      : first.kind === "exited"
        ? "REPLICA_EXITED"
        : "REPLICA_NOT_READY";
  const output = excerpt(replica.log.tail(readLines));
  return failure(`${who} ${reasonOf(replica, first)}${left}`, {
    code,
    place: replica.log.file,
    output: output === "" ? "(its log is empty)" : output,
    remedy: remedyOf(replica, first),
  });
}

/** Why the process could not be started at all. */
export function notStartedError(
  definition: ReplicaDefinition,
  cause: unknown,
  log: ReplicaLog,
  old: ReplicaDefinition | undefined,
): FairwayError {
  const { service, version, index } = definition;
  const left = old === undefined ? "" : `; ${old.version} is untouched`;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return failure(
    `${service.name} ${String(index + 1)} at ${version} could not be started: ${reason}${left}`,
    {
      code: "REPLICA_NOT_STARTED",
      place: service.image,
      output: excerpt(log.tail(readLines)),
      remedy: isFairwayError(cause) ? cause.remedy : undefined,
      cause,
    },
  );
}

function reasonOf(replica: Replica, first: Exclude<FirstReady, { kind: "ready" }>): string {
  const { startupTimeoutSeconds } = replica.definition.service.probes;
  const within = `within ${String(startupTimeoutSeconds)} s`;
  if (first.kind === "aborted") return "was stopped before it was ready, because the deploy was";
  if (first.kind === "exited" && first.killed !== undefined) return `was ${first.killed} before it was ready`;
  if (first.kind === "exited") return `ended with exit code ${String(first.exitCode)} before it was ready`;
  const answer = first.lastAnswer;
  const { scrub } = replica.definition;
  if (answer.kind === "refused") return `${portReason(replica.port(), first.listensOn)} ${within}`;
  if (answer.kind === "failed") return `was not ready ${within}: GET ${first.path}: ${answer.reason}`;
  if (answer.kind === "ok") return `was not ready ${within}`;
  const body = answer.body.trim() === "" ? "" : `: ${scrub(answer.body).trim().slice(0, 300)}`;
  return `was not ready ${within}: GET ${first.path} answered ${String(answer.status)}${body}`;
}

/** Most of those that nobody reaches read another variable, or have the port written down. */
function portReason(port: number, listensOn: readonly number[]): string {
  if (listensOn.length === 0) return `did not listen on PORT=${String(port)}`;
  if (listensOn.includes(port)) return `listens on PORT=${String(port)}, but did not answer on 127.0.0.1`;
  return `listens on ${listensOn.join(", ")}, but PORT is ${String(port)}: nothing answered there`;
}

function remedyOf(replica: Replica, first: Exclude<FirstReady, { kind: "ready" }>): string | undefined {
  if (first.kind === "timeout" && first.lastAnswer.kind === "refused") {
    return `the service has to listen on the port in the variable PORT (${String(replica.port())} here), on 127.0.0.1 or on all addresses`;
  }
  return undefined;
}
