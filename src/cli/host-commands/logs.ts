import { existsSync } from "node:fs";
import { systemClock } from "../../model/clock.ts";
import { usageError } from "../../model/errors.ts";
import type { LogLine, LogOptions, Target } from "../../model/target.ts";
import type { HostCommandCall } from "../commands/invocation.ts";
import { listenForInterrupt } from "../interrupt.ts";
import { environmentDirectory, stateDirectory, type Places } from "../places.ts";
import { hostRooms } from "../run/session.ts";
import type { Colours } from "../terminal.ts";
import type { HostCommandContext } from "./host-commands.ts";
import { neverRan } from "./never-ran.ts";

/** `fairway logs --env local --service api --follow`: what the replicas on this machine print. */
export async function showLogs(
  call: HostCommandCall,
  { places, terminal }: HostCommandContext,
): Promise<number> {
  const { env, service, replica, release, lines, follow } = call.values;
  const environment = String(env);
  const directory = environmentDirectory(stateDirectory(places.repository), environment);
  if (!existsSync(directory)) throw neverRan(environment);
  const target = await targetOf(environment, directory, places);
  using interrupt = listenForInterrupt(() => undefined);
  const options: LogOptions = {
    ...(typeof service === "string" ? { service } : {}),
    ...(typeof replica === "number" ? { index: replica - 1 } : {}),
    ...(typeof release === "string" ? { version: release } : {}),
    onHidden: (hidden) => {
      terminal.notes.write(terminal.colours.faint(hiddenText(environment, hidden)));
    },
    lines: typeof lines === "number" ? lines : 100,
    follow: follow === true,
    signal: interrupt.signal,
  };
  const paint = painter(terminal.outColours);
  await requireKnown(target, environment, options);
  let isEmpty = true;
  for await (const line of target.logs(options)) {
    isEmpty = false;
    terminal.out(call.options.json ? `${JSON.stringify(line)}\n` : paint(line));
  }
  if (isEmpty && typeof release === "string" && !interrupt.signal.aborted)
    throw noLines(environment, release);
  return 0;
}

/** What is not shown is not lost: `api 1 at 4f2a9c1 ended, and is not shown: npx fairway logs ...` */
function hiddenText(
  environment: string,
  { service, index, version }: Pick<LogLine, "service" | "index" | "version">,
): string {
  const again = `npx fairway logs --env ${environment} --service ${service} --release ${version}`;
  return `${service} ${String(index + 1)} at ${version} has ended; what it printed: ${again}\n`;
}

function noLines(environment: string, release: string): Error {
  return usageError(`no replica of ${release} has left a line in ${environment}`, {
    code: "REPLICA_UNKNOWN",
    place: "--release",
    remedy: `The last few replicas of each slot keep their logs. Versions are in:\nnpx fairway history --env ${environment}`,
  });
}

/** Silence is no answer to a name that is wrong. @throws FairwayError REPLICA_UNKNOWN (exit 2) */
async function requireKnown(
  target: Target,
  environment: string,
  { service, index }: LogOptions,
): Promise<void> {
  const { services } = await target.observe();
  // Nothing runs: its logs may be there all the same, under names that nobody can check.
  if (services.length === 0) return;
  const named = services.find(({ name }) => name === service);
  if (service !== undefined && named === undefined) {
    throw usageError(`there is no service ${service} in ${environment}`, {
      code: "REPLICA_UNKNOWN",
      place: "--service",
      remedy: `It has ${services.map(({ name }) => name).join(", ")}.`,
    });
  }
  const replicas = (named === undefined ? services : [named]).flatMap((known) => known.replicas);
  if (index === undefined || replicas.length === 0 || replicas.some((replica) => replica.index === index))
    return;
  throw usageError(`there is no replica ${String(index + 1)} in ${environment}`, {
    code: "REPLICA_UNKNOWN",
    place: "--replica",
    remedy: `They are numbered as status does it:\nnpx fairway status --env ${environment}`,
  });
}

async function targetOf(environment: string, stateDirectory: string, places: Places): Promise<Target> {
  const { localTarget } = await import("../../providers/targets/local/local.ts");
  return localTarget({ environment, stateDirectory, ...(await hostRooms(places)()), clock: systemClock });
}

/** `api 1 4f2a9c1 serving │ text`: one colour a replica. */
function painter({ cyan, green, yellow, faint }: Colours): (line: LogLine) => string {
  const wheel = [cyan, green, yellow];
  const seen: string[] = [];
  return ({ service, index, version, state, text }) => {
    const replica = `${service} ${String(index + 1)}`;
    if (!seen.includes(replica)) seen.push(replica);
    const colour = wheel[seen.indexOf(replica) % wheel.length] ?? cyan;
    return `${colour(replica)} ${faint(`${version}${state === undefined ? "" : ` ${state}`} │`)} ${text}\n`;
  };
}
