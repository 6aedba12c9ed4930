import { existsSync } from "node:fs";
import type { HostCommandCall } from "../commands/invocation.ts";
import { environmentDirectory, stateDirectory } from "../places.ts";
import type { HostCommandContext } from "./host-commands.ts";
import { neverRan } from "./never-ran.ts";

/**
 * `fairway metrics --env local`: requests, status classes and latency by service and release, for a scraper or a person.
 * Where nothing runs there is nothing to count, which is an answer too.
 */
export async function showMetrics(
  call: HostCommandCall,
  { places, terminal }: HostCommandContext,
): Promise<number> {
  const environment = String(call.values["env"]);
  const directory = environmentDirectory(stateDirectory(places.repository), environment);
  if (!existsSync(directory)) throw neverRan(environment);
  const { localMetrics } = await import("../../providers/targets/local/local.ts");
  const text = await localMetrics(directory);
  if (text === undefined) {
    terminal.notes.write(
      `Nothing of ${environment} runs, so nothing is counted. Start it:\n  npx fairway deploy --env ${environment}\n`,
    );
  } else {
    terminal.out(text);
  }
  return 0;
}
