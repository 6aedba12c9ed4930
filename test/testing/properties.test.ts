import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { simulate, type Scenario, type Simulation } from "../../src/testing/testing.ts";
import type { AnalysisRecord } from "../../src/model/metric.ts";
import type { Operation, Plan } from "../../src/model/plan.ts";
import { environmentState } from "../../src/release/state.ts";
import { propertyRuns } from "../support/property-runs.ts";

const replicas = 3;
const mayMiss = 1;
const weights = [5, 25, 100];
const strategies: Record<string, NonNullable<Scenario["environments"][string]["strategy"]>> = {
  rolling: "rolling",
  "rolling in batches": { rolling: { maxSurge: 1, maxUnavailable: mayMiss } },
  "blue-green": { blueGreen: { bakeSeconds: 60 } },
  canary: {
    canary: {
      weights,
      holdSeconds: 120,
      limits: [{ errorRate: { maxIncreasePoints: 0.5 } }],
      analysis: { lookSeconds: 30, whenInsufficient: { extendSeconds: 60 } },
    },
  },
};

/** Versions of which some are good; none ends by itself, as no strategy keeps alive what dies. */
const behaviour = fc.constantFrom<Scenario["releases"][string]>(
  {},
  {},
  { errorPercent: 5 },
  { neverReady: true },
  { failsSmoke: true },
  { changes: [{ afterSeconds: 100, errorPercent: 10 }] },
);

const minutes = (most: number) =>
  fc.integer({ min: 0, max: most * 60 }).map((seconds) => `+1h${String(seconds)}s`);

const fault = fc.oneof(
  fc.record({ at: minutes(10), kill: fc.constantFrom("ada", "grace") }),
  fc.record({
    at: minutes(10),
    pause: fc.constantFrom("ada", "grace"),
    for: fc.constantFrom("20s", "2m", "15m"),
  }),
  fc.record({ at: minutes(10), metricsDown: fc.constant("target"), for: fc.constantFrom("30s", "10m") }),
  fc.record({
    at: minutes(10),
    refuse: fc.constantFrom("replace-replica", "set-weight", "start-beside", "take-over", "stop-beside"),
    times: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({ at: minutes(10), jump: fc.constantFrom("+10m", "-10m", "+1h") }),
);

const resumed = fc.record({
  at: minutes(40),
  resume: fc.constantFrom("go-on" as const, "done" as const, "not-done" as const),
  by: fc.constant("grace"),
});

const reaction = fc.oneof(
  { arbitrary: resumed, weight: 4 },
  fc.record({ at: minutes(40), abort: fc.constant("it has to go"), by: fc.constant("grace") }),
  fc.record({ at: minutes(40), deploy: fc.constantFrom("v2", "v3"), by: fc.constant("grace") }),
  fc.record({ at: minutes(40), rollback: fc.constant("previous"), by: fc.constant("grace") }),
);

const schedule = fc.record({
  // The one with the most to get wrong comes most.
  strategy: fc.constantFrom(...Object.keys(strategies), "canary", "canary"),
  releases: fc.record({ v2: behaviour, v3: behaviour }),
  crash: fc.option(
    fc.record({
      write: fc.integer({ min: 1, max: 25 }),
      moment: fc.constantFrom("before" as const, "after" as const),
    }),
    { nil: undefined },
  ),
  faults: fc.array(fault, { maxLength: 3 }),
  reactions: fc.array(reaction, { maxLength: 3 }),
  seed: fc.nat(1000),
});

async function run({
  strategy,
  releases,
  crash,
  faults,
  reactions,
  seed,
}: typeof schedule extends fc.Arbitrary<infer T> ? T : never) {
  return simulate({
    ...{ name: "anything", start: "2026-03-02T09:00:00Z", seed },
    services: { api: { replicas } },
    environments: { production: { strategy: strategies[strategy], smoke: [{ service: "api", path: "/" }] } },
    releases: { v1: {}, ...releases },
    visitors: { perSecond: 100 },
    events: [
      { deploy: "v1" },
      { at: "+1h", deploy: "v2", by: "ada", ...(crash === undefined ? {} : { crash }) },
      ...faults,
      ...reactions,
    ],
    expect: [{ weightAtMost: 100, of: "v2" }],
  });
}

describe("whatever breaks, and whoever does what about it", () => {
  it("nobody gets more than planned, nothing is short of replicas, and what is said is what there is", async () => {
    await fc.assert(
      fc.asyncProperty(schedule, async (given) => {
        const simulation = await run(given);
        expect(unplannedWeights(simulation)).toEqual([]);
        const allowed = given.strategy === "rolling in batches" ? replicas - mayMiss : replicas;
        expect(shortages(simulation, allowed)).toEqual([]);
        expect(promotedWithoutPass(simulation)).toEqual([]);
        expect(untruths(simulation)).toEqual([]);
        expect(simulation.expectations.filter(({ holds }) => !holds)).toEqual([]);
      }),
      { ...propertyRuns(60), examples: [[setBack]] },
    );
  });
});

/** Found by it: the clocks are set back in a hold that is gone on with after a crash. */
const setBack: Parameters<typeof run>[0] = {
  ...{ strategy: "canary", releases: { v2: {}, v3: {} }, seed: 0 },
  crash: { write: 1, moment: "after" },
  faults: [{ at: "+1h186s", jump: "-10m" }],
  reactions: [{ at: "+1h30s", resume: "go-on", by: "grace" }],
};

/** Shares of visitors that no plan has. */
function unplannedWeights({ places, events }: Simulation): readonly number[] {
  const planned = new Set([
    0,
    ...events.flatMap(({ payload }) =>
      ((payload as unknown as { plan?: Plan }).plan?.operations ?? []).flatMap((operation) =>
        operation.kind === "set-weight" ? [operation.percent] : [],
      ),
    ),
  ]);
  return place(places)
    .seen.map(({ percent }) => percent)
    .filter((percent) => !planned.has(percent));
}

/** Moments after the first release at which too few replicas were ready for the visitors that they get. */
function shortages({ places }: Simulation, allowed: number): readonly unknown[] {
  const { seen } = place(places);
  const first = seen.findIndex(({ ready }) => ready.length >= replicas);
  return seen.slice(first).filter(({ percent, ready, besideReady }) => {
    const beside = percent === 0 ? 0 : Math.max(1, Math.ceil((replicas * percent) / 100));
    return besideReady.length < beside || (percent < 100 && ready.length < allowed);
  });
}

/** Steps of canaries that were taken without a pass, or a person's word, on the step before. */
function promotedWithoutPass({ events }: Simulation): readonly string[] {
  const wrong: string[] = [];
  const settled = new Set<string>();
  for (const { type, deployment, payload } of events) {
    const { index, operation, wayBack, analysis, answer } = payload as unknown as {
      index?: number;
      operation?: Operation;
      wayBack?: boolean;
      analysis?: AnalysisRecord;
      answer?: string;
    };
    const id = `${deployment ?? ""}/${String(index)}`;
    if (type === "operation-finished" && analysis?.ending === "pass") settled.add(id);
    if (type === "operation-answered" && answer === "done") settled.add(id);
    const started = events.find(
      (event) => event.type === "deployment-started" && event.deployment === deployment,
    );
    const plan = (started?.payload as unknown as { plan?: Plan } | undefined)?.plan;
    const isStep =
      type === "operation-started" &&
      wayBack === false &&
      (operation?.kind === "set-weight" || operation?.kind === "take-over");
    const isEnd = type === "deployment-succeeded";
    if (plan === undefined || (!isStep && !isEnd)) continue;
    for (const [before, { kind }] of plan.operations.entries()) {
      if (kind !== "analyse" || (isStep && before >= (index ?? 0))) continue;
      if (!settled.has(`${deployment ?? ""}/${String(before)}`)) wrong.push(`${id} ${type}`);
    }
  }
  return wrong;
}

/** Ends of commands that say something else than what the ledger and the target have. */
function untruths({ places, events, commands }: Simulation): readonly string[] {
  const said = commands.filter(({ besideOthers }) => !besideOthers).flatMap(untruthOf);
  if (said.length > 0) return said;
  const there = place(places);
  const { live, unsettled } = environmentState("production", events);
  const slots = [...new Set(Object.values(there.target.serving()))];
  const isClean = Object.keys(there.target.beside()).length === 0 && there.replicas.weights.size === 0;
  if (unsettled !== null) return [];
  const says = live?.release.version ?? "nothing";
  return slots.join() === says && isClean
    ? []
    : [`${says} is live, and ${slots.join()} serves (${String(isClean)})`];
}

/** What a command says of its end, against what there is then. */
function untruthOf({ name, outcome, message, live, serves }: Simulation["commands"][number]): string[] {
  const told = `${name} says ${outcome}, ${live} is live and ${serves} serves: ${message}`;
  const settles = ["promoted", "rolled-back", "nothing-to-do"].includes(outcome);
  if (settles && live !== serves) return [told];
  if (outcome === "promoted" && !message.startsWith(`${live} is live`)) return [told];
  if (outcome === "rolled-back" && !message.includes(`Went back: ${live} is live`)) return [told];
  return [];
}

function place(places: Simulation["places"]) {
  return places.get("production")!;
}
