import { usageError } from "../../model/errors.ts";
import type { HostCommandCall } from "../commands/invocation.ts";
import { environmentDirectory, stateDirectory } from "../places.ts";
import type { HostCommandContext } from "./host-commands.ts";

/** `fairway metrics --env local`: requests, status classes and latency by service and release, for a scraper or a person. */
export async function showMetrics(
  call: HostCommandCall,
  { places, terminal }: HostCommandContext,
): Promise<number> {
  const environment = String(call.values["env"]);
  const { localMetrics } = await import("../../providers/targets/local/local.ts");
  const text = await localMetrics(environmentDirectory(stateDirectory(places.repository), environment));
  if (text === undefined) {
    throw usageError(`nothing of ${environment} runs on this machine`, {
      code: "ENVIRONMENT_NOT_HERE",
      remedy: `npx fairway deploy --env ${environment}`,
    });
  }
  terminal.out(text);
  return 0;
}
