import { exitCodes, failure, isFairwayError, unreachable } from "../../model/errors.ts";
import { requireBranch } from "../../release/gates/gates.ts";
import {
  abort,
  maintain,
  readState,
  release,
  restore,
  resume,
  rollBack,
  type ReleaseOutcome,
} from "../../release/release.ts";
import type { CommandEvent, ScenarioEvent } from "../scenario/events.ts";
import type { commandOutcomes } from "../scenario/expectations.ts";
import { settingsOf } from "./brought.ts";
import { candidateOf } from "./candidates.ts";
import { contextOf } from "./context.ts";
import type { Place } from "./place.ts";
import { simulatedProcess, type SimulatedProcess } from "./process.ts";
import { placeNamed, type World } from "./world.ts";

export type CommandOutcome = (typeof commandOutcomes)[number];

/** How a command ended. */
export interface CommandEnd {
  readonly outcome: CommandOutcome;
  /** As the command line ends; null for a process that was killed. */
  readonly exitCode: number | null;
  /** The permanent name of its error; null for none. */
  readonly code: string | null;
  readonly message: string;
}

/** The environment that a command is about. */
export function placeOfCommand(world: World, event: ScenarioEvent): Place {
  const named = "in" in event ? event.in : undefined;
  if (!("promote" in event) || named !== undefined) return placeNamed(world, named);
  const { environments } = world.scenario.config;
  const next = Object.entries(environments).find(([, { after }]) => after === event.promote);
  if (next !== undefined) return placeNamed(world, next[0]);
  throw failure(`no environment comes after ${event.promote}`, { code: "SCENARIO_INVALID" });
}

/** Runs a command in a process of its own, to its end or its death. */
export async function runCommand(
  event: CommandEvent,
  world: World,
  process: SimulatedProcess = simulatedProcess(event.by, world.clock),
): Promise<CommandEnd> {
  const died = process.death.then((): CommandEnd => {
    return { outcome: "killed", exitCode: null, code: null, message: "its process was killed" };
  });
  return Promise.race([died, carriedOut(event, world, process).catch(endOfError)]);
}

async function carriedOut(event: CommandEvent, world: World, process: SimulatedProcess): Promise<CommandEnd> {
  const place = placeOfCommand(world, event);
  const { name: environment } = place;
  const by = world.person(event.by);
  const ledger = process.ledger(world.ledger, event.crash);
  const state = await readState({ environment, ledger });
  const emergency = ("emergency" in event ? event.emergency : undefined) ?? null;
  const caller = { place, process, ledger, state, requester: by };
  const gated = (version: string | null) => contextOf(world, { ...caller, version, gates: { emergency } });
  const deploy = async (version: string, isPromoted: boolean) => {
    const context = await gated(version);
    return endOf(await release(candidateOf(world, environment, version, { state, isPromoted }), context));
  };
  if ("deploy" in event) {
    const { branch: required } = settingsOf(world, environment, event.deploy);
    const { branch = null } = world.scenario.releases[event.deploy] ?? {};
    requireBranch({ environment, required, branch, command: "npx fairway" });
    return deploy(event.deploy, false);
  }
  if ("promote" in event) {
    const before = await readState({ environment: event.promote, ledger });
    if (before.live !== null) return deploy(before.live.release.version, true);
    throw failure(`nothing is live in ${event.promote}, so there is nothing to promote`, {
      code: "NOTHING_TO_PROMOTE",
    });
  }
  const live = state.live?.release.version ?? null;
  if ("rollback" in event) {
    const to = event.rollback === "previous" ? {} : { to: event.rollback };
    return endOf(await rollBack(await gated(live), { reason: event.reason, ...to }));
  }
  if ("restore" in event) {
    const { reason, confirm } = event;
    const backup = event.restore === "newest" ? "" : event.restore;
    return endOf(await restore(await gated(live), { reason, backup, confirm }));
  }
  // Nothing is asked of what was let through before; it is gone on with as its own commit has it.
  const version = state.unsettled?.release.version ?? live;
  const context = await contextOf(world, { ...caller, version, gates: null });
  if ("maintenance" in event) {
    const { maintenance, reason } = event;
    const before = await maintain(context, { on: maintenance === "on", reason });
    const said = `maintenance of ${environment} is ${maintenance}`;
    return before === null
      ? { ...nothing(said), outcome: "done" }
      : nothing(`${said} since ${before.at}, by ${before.actor}`);
  }
  if ("resume" in event) {
    const answer = { "go-on": null, done: "done" as const, "not-done": "not done" as const }[event.resume];
    const outcome = await resume(context, { answer, by: { name: by.name, email: by.email } });
    return outcome === null ? nothing("nothing was cut off") : endOf(outcome);
  }
  const ended = await abort(context, { reason: event.abort });
  if (ended === null) return nothing("nothing was cut off");
  if (ended instanceof Error) return endOfError(ended);
  return { ...nothing(`asked ${ended.asked.holder} to stop`), outcome: "asked" };
}

function endOf(outcome: ReleaseOutcome): CommandEnd {
  const { release: of, environment } = outcome.plan;
  switch (outcome.kind) {
    case "nothing to do":
      return nothing(`nothing to do: ${of.version} is live in ${environment}`);
    case "released":
      return {
        ...nothing(`${of.version} is live in ${environment}: ${outcome.deployment}`),
        outcome: "promoted",
      };
    default:
      return unreachable(outcome);
  }
}

function nothing(message: string): CommandEnd {
  return { outcome: "nothing-to-do", exitCode: exitCodes.done, code: null, message };
}

const outcomes: Readonly<Record<number, CommandOutcome>> = {
  [exitCodes.failed]: "refused",
  [exitCodes.usage]: "refused",
  [exitCodes.held]: "held",
  [exitCodes.rolledBack]: "rolled-back",
  [exitCodes.interrupted]: "interrupted",
};

/** What is no error of ours is a fault of Fairway, or of the simulator: it is not taken for an outcome. */
function endOfError(error: unknown): CommandEnd {
  if (!isFairwayError(error)) throw error;
  const { exitCode, code, message } = error;
  return { outcome: outcomes[exitCode] ?? "refused", exitCode, code, message };
}
