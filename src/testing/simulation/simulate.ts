import type { LedgerEvent } from "../../model/ledger.ts";
import { isCommand, namesOf, verbOf } from "../scenario/rules.ts";
import { checkScenario, type CheckedScenario, type Scenario } from "../scenario/scenario.ts";
import type { CommandEvent, ScenarioEvent } from "../scenario/events.ts";
import { placeOfCommand, runCommand, type CommandEnd, type CommandOutcome } from "./commands.ts";
import { decide } from "./decisions.ts";
import { judgeAlways, judgeExpectation, snapshotOf, type JudgedExpectation, type Snapshot } from "./judge.ts";
import type { Place } from "./place.ts";
import { simulatedProcess, type SimulatedProcess } from "./process.ts";
import { linesOf, type TimelineEntry } from "./timeline.ts";
import { makeWorld, placeNamed, type World } from "./world.ts";

/** What came of a scenario. */
export interface Simulation {
  readonly name: string;
  readonly zone: string;
  /** RFC 3339, UTC. */
  readonly start: string;
  readonly end: string;
  readonly timeline: readonly TimelineEntry[];
  /** In the order in which they ended. */
  readonly commands: readonly EndedCommand[];
  readonly expectations: readonly JudgedExpectation[];
  /** Whether all of them hold. */
  readonly holds: boolean;
  /** All that was written into the ledger. */
  readonly events: readonly LedgerEvent[];
  readonly places: ReadonlyMap<string, Place>;
}

/** How a command ended, and what there was then. */
export interface EndedCommand extends CommandEnd, Snapshot {
  readonly name: string;
  readonly environment: string;
  /** Whether a command of somebody else was on its way then. */
  readonly besideOthers: boolean;
}

/** What does not end by itself is not waited for any longer than this after the last event. */
const patienceMs = 40 * 86_400_000;

/**
 * Carries a scenario out on a virtual clock: the plan, gates, strategies, apply and ledger are those of a real delivery; the
 * target, its visitors, the sources of metrics and the people are simulated.
 * @throws one FairwayError (SCENARIO_INVALID, exit 2) with every error and its path
 */
export async function simulate(scenario: Scenario): Promise<Simulation> {
  return simulateChecked(checkScenario(scenario));
}

/** The same for one that was read from a file. */
export async function simulateChecked(scenario: CheckedScenario): Promise<Simulation> {
  const world = await makeWorld(scenario);
  const { clock, ledger } = world;
  const timeline: TimelineEntry[] = [];
  world.onEvent.add((event) => timeline.push(...linesOf(event)));
  const start = clock.now().toISOString();
  const ends = new Map<string, EndedCommand>();
  const snapshots = new Map<number, Snapshot>();
  const running = new Set<Promise<unknown>>();
  const processes = new Set<SimulatedProcess>();
  const stage: Stage = { world, timeline, ends, processes };
  const names = namesOf(scenario.events);
  const looks = scenario.expect.flatMap((one, index) =>
    "at" in one && one.at !== undefined
      ? [{ at: world.since(one.at), index, place: placeNamed(world, one.in) }]
      : [],
  );
  const acts = [
    ...scenario.events.map((event, index) => ({
      at: world.since(event.at),
      act: () => begin(event, names[index] ?? "", stage),
    })),
    ...looks.map(({ at, index, place }) => ({
      at,
      act: async () => void snapshots.set(index, snapshotOf(place, await ledger.read())),
    })),
  ].sort((one, other) => one.at - other.at);
  for (const { at, act } of acts) {
    await clock.sleep(at - clock.elapsed());
    const work = act();
    running.add(work);
    // Its rejection is met below.
    work.then(
      () => running.delete(work),
      () => undefined,
    );
  }
  await Promise.race([Promise.all(running), clock.sleep(patienceMs)]);
  const end = clock.now().toISOString();
  for (const process of processes) process.kill();
  clock.stop();
  const events = await ledger.read();
  const placeOf = (named: string | undefined) => placeNamed(world, named);
  const evidence = { events, ends, placeOf, since: world.since, snapshots };
  const expectations = [
    ...scenario.expect.map((one, index) => judgeExpectation(one, index, evidence)),
    judgeAlways(evidence),
  ];
  return {
    ...{ name: scenario.name, zone: scenario.zone, start, end, expectations, events },
    timeline: inOrder(timeline, scenario),
    places: world.places,
    commands: [...ends.values()],
    holds: expectations.every(({ holds }) => holds),
  };
}

/** An analysis is written down when it ends, and its looks were before: unless clocks jumped, that tells their place. */
function inOrder(timeline: readonly TimelineEntry[], { events }: CheckedScenario): readonly TimelineEntry[] {
  if (events.some((event) => "jump" in event)) return timeline;
  return timeline.toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at));
}

interface Stage {
  readonly world: World;
  readonly timeline: TimelineEntry[];
  readonly ends: Map<string, EndedCommand>;
  /** Those that run. */
  readonly processes: Set<SimulatedProcess>;
}

async function begin(event: ScenarioEvent, name: string, stage: Stage): Promise<void> {
  if (isCommand(event)) return command(event, name, stage);
  const { world, processes } = stage;
  const { clock } = world;
  if ("approve" in event || "reject" in event) return decide(event, world);
  if ("kill" in event) {
    tell(stage, event.kill, "!", "is killed (kill -9)");
    for (const process of processes) if (process.who === event.kill) process.kill();
  } else if ("pause" in event) {
    const paused = [...processes].filter(({ who }) => who === event.pause);
    tell(stage, event.pause, "!", `stops for ${String(event.for)} s`);
    for (const process of paused) process.pause();
    await clock.sleep(1000 * event.for);
    tell(stage, event.pause, "!", "wakes up");
    for (const process of paused) process.wake();
  } else if ("jump" in event) {
    clock.jump(1000 * event.jump);
    tell(stage, "-", "!", `all clocks jump by ${String(event.jump)} s`);
  } else if ("metricsDown" in event) {
    const { down } = placeNamed(world, event.in);
    tell(stage, "-", "!", `metrics of ${event.metricsDown} do not answer, for ${String(event.for)} s`);
    down.add(event.metricsDown);
    await clock.sleep(1000 * event.for);
    down.delete(event.metricsDown);
    tell(stage, "-", "!", `metrics of ${event.metricsDown} answer again`);
  } else {
    placeNamed(world, event.in).refusals.push({ what: event.refuse, times: event.times });
  }
}

async function command(event: CommandEvent, name: string, stage: Stage): Promise<void> {
  const { world, ends, processes } = stage;
  const process = simulatedProcess(event.by, world.clock);
  processes.add(process);
  const place = placeOfCommand(world, event);
  const { name: environment } = place;
  tell(stage, event.by, "▸", `${name}: ${toldOf(event, environment)}`);
  const end = await runCommand(event, world, process);
  processes.delete(process);
  const there = snapshotOf(place, await world.ledger.read());
  ends.set(name, { name, environment, ...end, ...there, besideOthers: processes.size > 0 });
  const how = [
    ...(end.exitCode === null ? [] : [`exit ${String(end.exitCode)}`]),
    ...(end.code === null ? [] : [end.code]),
  ];
  const sign = endSigns[end.outcome];
  const [first = ""] = end.message.split("\n", 1);
  tell(
    stage,
    event.by,
    sign,
    `${name} ends ${end.outcome}${how.length === 0 ? "" : ` (${how.join(", ")})`}: ${first}`,
  );
}

const endSigns: Readonly<Record<CommandOutcome, TimelineEntry["sign"]>> = {
  ...{ promoted: "✓", done: "✓", "nothing-to-do": "✓", asked: "✓", held: "?" },
  ...{ "rolled-back": "✗", refused: "✗", interrupted: "✗", killed: "✗" },
};

function toldOf(event: CommandEvent, environment: string): string {
  const verb = verbOf(event) ?? "";
  if ("deploy" in event) return `deploys ${event.deploy} to ${environment}`;
  if ("promote" in event) return `promotes what is proven in ${event.promote} to ${environment}`;
  if ("rollback" in event) return `goes back to ${event.rollback} in ${environment}`;
  if ("restore" in event) {
    const which = event.restore === "newest" ? "the newest backup" : `backup ${event.restore}`;
    return `brings ${which} back in ${environment}`;
  }
  if ("maintenance" in event)
    return `${event.maintenance === "on" ? "keeps visitors out of" : "lets visitors into"} ${environment}`;
  if ("abort" in event) return `aborts in ${environment}: ${event.abort}`;
  return `${verb}s in ${environment}${event.resume === "go-on" ? "" : `, and answers ${event.resume}`}`;
}

function tell({ world, timeline }: Stage, who: string, sign: TimelineEntry["sign"], what: string): void {
  timeline.push({ at: world.clock.now().toISOString(), who, environment: null, sign, what });
}
