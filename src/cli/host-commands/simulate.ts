import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { exitCodes, usageError } from "../../model/errors.ts";
import { loadScenario, simulateChecked, simulationJson, simulationText } from "../../testing/testing.ts";
import type { HostCommandCall } from "../commands/invocation.ts";
import type { HostCommandContext } from "./host-commands.ts";

/** `fairway simulate scenario.yaml`: a timeline, then what was expected; 1 where something of it does not hold. */
export async function runScenario(
  call: HostCommandCall,
  { places, terminal }: HostCommandContext,
): Promise<number> {
  const file = String(call.values["scenario"]);
  const scenario = loadScenario(await readScenario(file, places.workdir), file);
  const begun = performance.now();
  const simulation = await simulateChecked(scenario);
  const tookMs = Math.round(performance.now() - begun);
  if (call.options.json) {
    terminal.out(`${JSON.stringify({ ...simulationJson(simulation), tookMs }, null, 2)}\n`);
  } else {
    terminal.out(`${simulationText(simulation, terminal.outColours)}\n`);
    const days = (Date.parse(simulation.end) - Date.parse(simulation.start)) / 86_400_000;
    terminal.notes.write(
      `${days >= 2 ? `${days.toFixed(1)} days` : `${(24 * days).toFixed(1)} hours`} took ${String(tookMs)} ms\n`,
    );
  }
  return simulation.holds ? exitCodes.done : exitCodes.failed;
}

async function readScenario(name: string, workdir: string): Promise<string> {
  try {
    return await readFile(resolve(workdir, name), "utf8");
  } catch (error) {
    throw usageError(`the scenario ${name} cannot be read: ${(error as Error).message}`, {
      code: "SCENARIO_UNREADABLE",
      place: name,
      remedy: "npx fairway simulate scenario.yaml",
      cause: error,
    });
  }
}
