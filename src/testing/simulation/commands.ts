import { exitCodes, failure, isFairwayError, unreachable } from "../../model/errors.ts";
import { approvalEventType, approvalStatement } from "../../release/gates/approvals/approvals.ts";
import { ungated } from "../../release/gates/gating.ts";
import type { Emergency } from "../../release/gates/requirements.ts";
import { planHash } from "../../release/plan/plan.ts";
import {
  abort,
  makePlan,
  readState,
  release,
  resume,
  rollBack,
  type ReleaseContext,
  type ReleaseOutcome,
} from "../../release/release.ts";
import { strategyOf } from "../../delivery/strategy.ts";
import { watchingOf } from "../../delivery/watching.ts";
import type { CommandEvent, ScenarioEvent } from "../scenario/events.ts";
import type { commandOutcomes } from "../scenario/expectations.ts";
import { executors, releaseContext } from "../release-context.ts";
import { candidateOf, gatingOf } from "./candidates.ts";
import { metricsFor, targetFor, type Place } from "./place.ts";
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
  const next = [...world.places.values()].find(({ settings }) => settings.after === event.promote);
  if (next !== undefined) return next;
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
  const context = (version: string | null, emergency: Emergency | null = null) =>
    contextOf(world, place, { process, ledger, state, requester: by, version, emergency });
  if ("deploy" in event) {
    const candidate = candidateOf(world, place, event.deploy, { state, isPromoted: false });
    return endOf(await release(candidate, await context(event.deploy, event.emergency ?? null)));
  }
  if ("promote" in event) {
    const { live } = await readState({ environment: event.promote, ledger });
    if (live === null) {
      throw failure(`nothing is live in ${event.promote}, so there is nothing to promote`, {
        code: "NOTHING_TO_PROMOTE",
      });
    }
    const { version } = live.release;
    const candidate = candidateOf(world, place, version, { state, isPromoted: true });
    return endOf(await release(candidate, await context(version)));
  }
  if ("rollback" in event) {
    const to = event.rollback === "previous" ? {} : { to: event.rollback };
    return endOf(
      await rollBack(await context(state.live?.release.version ?? null), { reason: event.reason, ...to }),
    );
  }
  if ("resume" in event) {
    const answer = { "go-on": null, done: "done" as const, "not-done": "not done" as const }[event.resume];
    const outcome = await resume(await context(null), { answer, by: { name: by.name, email: by.email } });
    return outcome === null ? nothing("nothing was cut off") : endOf(outcome);
  }
  const ended = await abort(await context(null), { reason: event.abort });
  if (ended === null) return nothing("nothing was cut off");
  if (ended instanceof Error) return endOfError(ended);
  return { ...nothing(`asked ${ended.asked.holder} to stop`), outcome: "asked" };
}

/** Somebody signs the plan that a release has now. @returns what was signed, for people */
export async function decide(
  event: Extract<ScenarioEvent, { approve: string } | { reject: string }>,
  world: World,
): Promise<void> {
  const place = placeNamed(world, event.in);
  const { name: environment } = place;
  const { ledger, clock } = world;
  const by = world.person(event.by);
  const [decision, version, hours] =
    "approve" in event
      ? (["approve", event.approve, event.hours] as const)
      : (["reject", event.reject, 24] as const);
  const process = simulatedProcess(event.by, clock);
  const state = await readState({ environment, ledger });
  const isPromoted = place.settings.after !== null;
  const context = await contextOf(world, place, {
    ...{ process, ledger, state, requester: by, version, emergency: null },
  });
  const plan = await makePlan(candidateOf(world, place, version, { state, isPromoted }), state, context);
  const statement = approvalStatement({
    ...{ decision, pipeline: plan.pipeline, environment, planHash: planHash(plan), reason: null },
    expiresAt: new Date(clock.now().getTime() + hours * 3_600_000).toISOString(),
  });
  const payload = { statement, signature: by.key.sign(statement) };
  await ledger.append({ environment, deployment: null, type: approvalEventType, actor: by.actor, payload });
}

interface Asking {
  readonly process: SimulatedProcess;
  readonly ledger: ReleaseContext["ledger"];
  readonly state: Parameters<typeof gatingOf>[3]["state"];
  readonly requester: ReturnType<World["person"]>;
  /** Null for what no gate is asked about. */
  readonly version: string | null;
  readonly emergency: Emergency | null;
}

/** All that a real command acts on, with what is simulated in its place. */
async function contextOf(world: World, place: Place, asking: Asking): Promise<ReleaseContext> {
  const { process, ledger, state, requester, version, emergency } = asking;
  const { clock, behaviours, scenario } = world;
  const target = targetFor(place, process, behaviours, clock);
  return releaseContext({
    ...{ ledger, target, clock: process.clock, actor: requester.actor },
    pipeline: scenario.config.name,
    environment: place.name,
    strategy: strategyOf(place.settings),
    metrics: metricsFor(place, behaviours, { scenario, clock }),
    ...watchingOf(place.settings),
    gating:
      version === null ? ungated : await gatingOf(world, place, version, { state, requester, emergency }),
    executors: executors({
      migrate: (operation, operationContext) =>
        process.ask(async () => {
          const result = await place.database.executors.migrate(operation, operationContext);
          const id = operationContext.operationId.split("/").slice(0, 2).join("/");
          place.done.push({ id, kind: "migrate", elapsedMs: clock.elapsed() });
          return result;
        }),
      migrationState: (operation, operationContext) =>
        process.ask(() => place.database.executors.migrationState(operation, operationContext)),
    }),
  });
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
