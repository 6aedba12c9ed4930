import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { markedProcesses } from "../../src/host/processes/processes.ts";
import { isFairwayError } from "../../src/model/errors.ts";
import type { ObservedWeight } from "../../src/model/target.ts";
import { pathsOf } from "../../src/providers/targets/local/paths.ts";
import { abort, readState, resume, type Strategy } from "../../src/release/release.ts";
import { deploymentFindings } from "../../src/release/verify/verify.ts";
import { statusText } from "../../src/report/status.ts";
import { startLoad } from "../providers/targets/local/load.ts";
import { endOf, laterContextIn, stateIn, type Cut, type Place } from "./crash/crash.ts";
import { openLocalStage } from "./crash/local-stage.ts";

const errors = { metric: "error-rate", source: null, bound: { maxIncreasePoints: 25 } } as const;

/** Few requests a second have to be enough for it. */
const canary: Strategy = {
  kind: "canary",
  weights: [40, 60, 100],
  sticky: false,
  holdSeconds: 2,
  limits: [{ services: null, limit: errors }],
  analysis: {
    ...{ alpha: 0.01, power: 0.9, expected: 0.001, atLeast: 20 },
    ...{ lookSeconds: 1, failedLooks: 1, sourceErrors: 3, extendSeconds: 20, whenInsufficient: "hold" },
  },
};
/** So many requests do not come. */
const patient: Strategy = { ...canary, analysis: { ...canary.analysis, atLeast: 1e6, extendSeconds: 1 } };
const blueGreen: Strategy = { kind: "blue-green", bakeSeconds: 5 };
const rolling: Strategy = { kind: "rolling", maxSurge: 1, maxUnavailable: 0 };

interface Kill {
  readonly at: string;
  readonly strategy: Strategy;
  readonly deploy: "v2" | "v3";
  readonly cut: Cut;
  /** Percent of the visitors that get it while nobody is at work; null where somebody goes on before what was begun has ended. */
  readonly weighs: number | null;
  readonly then: "resume" | "abort";
  readonly ends: "new" | "old" | "held";
}

const kills: readonly Kill[] = [
  {
    at: "after the first weight moved, before that is written down",
    ...{ strategy: canary, deploy: "v2", weighs: 40, then: "resume", ends: "new" },
    cut: { event: "operation-finished", kind: "set-weight", percent: 40, when: "before" },
  },
  {
    at: "in the middle of a hold",
    ...{ strategy: canary, deploy: "v2", weighs: 40, then: "resume", ends: "new" },
    cut: { says: "api: ", times: 1 },
  },
  {
    at: "in the middle of a hold, of something that turns bad",
    ...{ strategy: canary, deploy: "v3", weighs: 40, then: "resume", ends: "old" },
    cut: { event: "operation-started", kind: "analyse", percent: 40, when: "after" },
  },
  {
    at: "in the middle of a hold that nothing can settle",
    ...{ strategy: patient, deploy: "v2", weighs: 40, then: "resume", ends: "held" },
    cut: { says: "api: ", times: 2 },
  },
  {
    at: "in the middle of the second hold",
    ...{ strategy: canary, deploy: "v2", weighs: 60, then: "abort", ends: "old" },
    cut: { event: "operation-started", kind: "analyse", percent: 60, when: "after", milliseconds: 1500 },
  },
  {
    at: "between two steps",
    ...{ strategy: canary, deploy: "v2", weighs: 40, then: "resume", ends: "new" },
    cut: { event: "operation-finished", kind: "analyse", percent: 40, when: "after" },
  },
  {
    at: "while the canary gets the slots",
    ...{ strategy: canary, deploy: "v2", weighs: null, then: "resume", ends: "new" },
    cut: { says: "api: v2 has the slots" },
  },
  {
    at: "while what served before is drained",
    ...{ strategy: canary, deploy: "v2", weighs: null, then: "abort", ends: "old" },
    cut: { says: "draining api" },
  },
  {
    at: "in the bake after a switch",
    ...{ strategy: blueGreen, deploy: "v2", weighs: 100, then: "resume", ends: "new" },
    cut: { event: "operation-started", kind: "watch", when: "after", milliseconds: 2500 },
  },
  {
    at: "in the bake after a switch, and nobody wants it any more",
    ...{ strategy: blueGreen, deploy: "v2", weighs: 100, then: "abort", ends: "old" },
    cut: { event: "operation-started", kind: "watch", when: "after", milliseconds: 1000 },
  },
  {
    at: "on the way back, when visitors were switched back and that is not written down",
    ...{ strategy: blueGreen, deploy: "v3", weighs: 0, then: "resume", ends: "old" },
    cut: { event: "operation-finished", kind: "set-weight", percent: 0, when: "before" },
  },
  {
    at: "on the way back, while what ran beside is stopped",
    ...{ strategy: canary, deploy: "v3", weighs: null, then: "resume", ends: "old" },
    cut: { says: "draining api" },
  },
  {
    at: "while the second of two replicas starts",
    ...{ strategy: rolling, deploy: "v2", weighs: null, then: "resume", ends: "new" },
    cut: { says: "starting api 2 at v2" },
  },
  {
    at: "while the first of two replicas is drained",
    ...{ strategy: rolling, deploy: "v2", weighs: null, then: "abort", ends: "old" },
    cut: { says: "draining api 1" },
  },
];

const requestsPerSecond = 60;

describe.each(["canary", "blue-green", "rolling"] as const)(
  "%s: kill -9 of the process that deploys",
  (kind) => {
    it.each(kills.filter(({ strategy }) => strategy.kind === kind))(
      "$at; then $then: $ends, and what is said is what visitors get",
      async ({ strategy, deploy, cut, weighs, then, ends }) => {
        await using stage = await openLocalStage("foreign", [{ deploy: "v1" }], strategy);
        const { place } = stage;
        const url = (await (await laterContextIn(place)).target.urls())["api"] ?? "";
        const load = startLoad(url, requestsPerSecond);
        try {
          expect(await endOf({ place, wish: { deploy }, cut })).toBe("SIGKILL");
          if (weighs !== null) requireShares(await whatIsThere(place, url), weighs, deploy);
          const said = await goOn(place, then);
          const { ledger } = await laterContextIn(place);
          expect(deploymentFindings(await ledger.read({}))).toEqual([]);
          const there = await whatIsThere(place, url);
          if (ends === "held") {
            expect(said).toMatch(/^v2 keeps its part of the visitors of local and waits for a person/);
            expect(there).toMatchObject({ live: "v1", outcome: "in review" });
            requireShares(there, 40, deploy);
            return;
          }
          const serves = ends === "new" ? deploy : "v1";
          expect(said).toMatch(ends === "new" ? /^released v2/ : /Went back: v1 is live in local/);
          expect(there).toMatchObject({
            live: serves,
            outcome: ends === "new" ? "succeeded" : "rolled back",
          });
          expect(there).toMatchObject({ replicas: [`${serves} ready`, `${serves} ready`], processes: 2 });
          expect(there.weight).toBeUndefined();
          expect(Object.keys(there.answers)).toEqual([serves]);
          expect(there.status).not.toContain("not settled");
        } finally {
          const { failures, versions } = await load.stop();
          const ofItsOwn = `answered 500: {"version":"v3"`;
          expect(failures.filter((failure) => !failure.includes(ofItsOwn))).toEqual([]);
          expect(versions["v1"]).toBeGreaterThan(0);
        }
      },
    );
  },
);

/** What the tool says at its end. */
async function goOn(place: Place, how: Kill["then"]): Promise<string> {
  const context = await laterContextIn(place);
  try {
    const outcome =
      how === "resume"
        ? await resume(context, { answer: null })
        : await abort(context, { reason: "nobody wants it" });
    if (isFairwayError(outcome)) return outcome.message;
    if (outcome !== null && "kind" in outcome && outcome.kind === "released")
      return `released ${outcome.plan.release.version}`;
    return JSON.stringify(outcome);
  } catch (error) {
    if (isFairwayError(error)) return error.message;
    throw error;
  }
}

interface There {
  readonly live: string | undefined;
  readonly outcome: string | undefined;
  readonly status: string;
  readonly weight: ObservedWeight | undefined;
  readonly replicas: readonly string[];
  /** Replicas that this machine has, whatever anybody says. */
  readonly processes: number;
  /** How often each version answered. */
  readonly answers: Readonly<Record<string, number>>;
}

const asked = 60;

async function whatIsThere(place: Place, url: string): Promise<There> {
  const context = await laterContextIn(place);
  // The supervisor ends what it was asked for, also when whoever asked is dead.
  const observed = await settled(() => context.target.observe());
  const state = await readState(context);
  const answers: Record<string, number> = {};
  for (let count = 0; count < asked; count += 1) {
    const { version } = (await (await fetch(url)).json()) as { version: string };
    answers[version] = (answers[version] ?? 0) + 1;
  }
  const status = { state, stopped: null, waiting: null, observed, holder: null };
  const [service] = observed.services;
  const { id } = pathsOf(stateIn(place.directory));
  return {
    live: state.live?.release.version,
    outcome: state.deployments.at(-1)?.outcome,
    status: statusText([status], new Date(), "npx fairway"),
    weight: service?.weight,
    replicas: (service?.replicas ?? []).map(
      ({ version, state: is, beside }) => `${version} ${is}${beside === true ? " beside" : ""}`,
    ),
    processes: markedProcesses("FAIRWAY_REPLICA", (value) => value.startsWith(`${id}/`)).length,
    answers,
  };
}

/** Once two looks in a row see the same. */
async function settled<T>(look: () => Promise<T>): Promise<T> {
  for (let last = await look(); ;) {
    await sleep(1000);
    const next = await look();
    if (JSON.stringify(next) === JSON.stringify(last)) return next;
    last = next;
  }
}

/** Visitors get what the target says, and what the tool says of it. */
function requireShares({ answers, status, weight }: There, percent: number, version: string): void {
  const gets = `${version} beside gets ${String(percent)} % of the visitors of api`;
  expect(weight).toEqual(percent === 0 ? undefined : { version, percent, sticky: false });
  if (percent > 0) expect(status).toContain(gets);
  expect(status).toContain("not settled: local-2");
  const share = (100 * (answers[version] ?? 0)) / asked;
  expect(Math.abs(share - percent)).toBeLessThan(20);
}
