import { existsSync } from "node:fs";
import { systemClock } from "../../model/clock.ts";
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
  const { env, service, replica, lines, follow } = call.values;
  const environment = String(env);
  const directory = environmentDirectory(stateDirectory(places.repository), environment);
  if (!existsSync(directory)) throw neverRan(environment);
  const target = await targetOf(environment, directory, places);
  using interrupt = listenForInterrupt(() => undefined);
  const options: LogOptions = {
    ...(typeof service === "string" ? { service } : {}),
    ...(typeof replica === "number" ? { index: replica - 1 } : {}),
    lines: typeof lines === "number" ? lines : 100,
    follow: follow === true,
    signal: interrupt.signal,
  };
  const paint = painter(terminal.outColours);
  for await (const line of target.logs(options)) {
    terminal.out(call.options.json ? `${JSON.stringify(line)}\n` : paint(line));
  }
  return 0;
}

async function targetOf(environment: string, stateDirectory: string, places: Places): Promise<Target> {
  const { localTarget } = await import("../../providers/targets/local/local.ts");
  return localTarget({ environment, stateDirectory, ...(await hostRooms(places)()), clock: systemClock });
}

/** `api 1 4f2a9c1 │ text`: one colour a replica. */
function painter({ cyan, green, yellow, faint }: Colours): (line: LogLine) => string {
  const wheel = [cyan, green, yellow];
  const seen: string[] = [];
  return ({ service, index, version, text }) => {
    const replica = `${service} ${String(index + 1)}`;
    if (!seen.includes(replica)) seen.push(replica);
    const colour = wheel[seen.indexOf(replica) % wheel.length] ?? cyan;
    return `${colour(replica)} ${faint(`${version} │`)} ${text}\n`;
  };
}
