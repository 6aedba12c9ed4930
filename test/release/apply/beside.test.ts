import { describe, expect, it } from "vitest";
import type { Operation } from "../../../src/model/plan.ts";
import type { OperationContext, TargetOperation } from "../../../src/model/target.ts";
import { besideState } from "../../../src/release/apply/beside-state.ts";
import { secondsFor } from "../../../src/release/apply/time-limit.ts";
import { titleOf } from "../../../src/release/apply/titles.ts";
import { currentAmong } from "../../../src/release/plan/plan.ts";
import { rollOut } from "../../../src/release/strategies/strategies.ts";
import type { JournaledOperation } from "../../../src/release/state.ts";
import { plannedChange } from "../../support/change.ts";
import { simulatedTarget, type SimulatedTarget, usualTimeouts } from "../../../src/testing/testing.ts";
import { releaseOf } from "../../support/releases.ts";

const [v1, v2] = [releaseOf("v1"), releaseOf("v2")];
const weight = (percent: number) =>
  ({ kind: "set-weight", version: "v2", services: ["api", "web"], percent, sticky: true }) as const;
const start = (service: string, replicas: number) =>
  ({ kind: "start-beside", service, version: "v2", replicas }) as const;

/** Two services by canary, after what an earlier one left. */
const canary = [
  { kind: "stop-beside", service: "api" },
  start("api", 1),
  start("web", 1),
  weight(5),
  start("api", 2),
  weight(25),
  weight(100),
  { kind: "take-over", service: "api", version: "v2" },
  { kind: "take-over", service: "web", version: "v2" },
] as const satisfies readonly TargetOperation[];

const moments = canary.flatMap((_, index) => [
  { index, hasEffect: false },
  { index, hasEffect: true },
]);

describe("a canary that was cut off", () => {
  it.each(moments)(
    "in operation $index, its effect there: $hasEffect, goes on right there",
    async (moment) => {
      const target = await servingV1();
      await carryOut(target, canary.slice(0, moment.index + (moment.hasEffect ? 1 : 0)));
      const done = canary.slice(0, moment.index).map((_, index) => entry(index, "done"));
      const states = await statesOf(target, [...done, entry(moment.index, "started")]);
      const firstLeft = states.indexOf("not done");
      // The first one has nothing to do where nothing was left.
      const expected = moment.hasEffect || moment.index === 0 ? moment.index + 1 : moment.index;
      expect(firstLeft < 0 ? canary.length : firstLeft).toBe(expected);
    },
  );

  it("begins anew where nothing is there any more, with the last weight that it had begun", async () => {
    const target = await servingV1();
    const states = await statesOf(
      target,
      [0, 1, 2, 3, 4, 5].map((index) => entry(index, "done")),
    );
    const left = canary.filter((_, index) => states[index] === "not done");
    expect(left.map(titleOf).slice(0, 4)).toEqual([
      "api: run 1 replica of v2 beside what serves",
      "web: run 1 replica of v2 beside what serves",
      "api: run 2 replicas of v2 beside what serves",
      "send 25 % of the visitors of api, web to v2, each of whom stays where he is",
    ]);
  });

  it("is led away from by a rolling update to what was live: nothing of it is left", async () => {
    const target = await servingV1();
    await carryOut(target, canary.slice(0, 6));
    const isCurrent = currentAmong(new Map([["v1", v1]]));
    const back = rollOut({ release: v1, observed: await target.observe(), rollout: "by replica", isCurrent });
    expect(back.slice(-2).map(titleOf)).toEqual([
      "api: drain and stop what runs beside",
      "web: drain and stop what runs beside",
    ]);
    await carryOut(target, back as TargetOperation[]);
    expect(target.beside()).toEqual({});
    expect((await target.observe()).services.map((service) => service.weight)).toEqual([
      undefined,
      undefined,
    ]);
  });
});

it("each operation has the time that its replicas may take to start and to drain", () => {
  const slow = releaseOf("v2", ["api", "web"], { replicas: 3, drainSeconds: 7 });
  const beside = (operation: Operation) =>
    secondsFor(operation, slow, usualTimeouts) - usualTimeouts.operation;
  expect(canary.map(beside)).toEqual([7, 17, 17, 0, 27, 0, 0, 37, 37]);
});

it("a switch, and taking it back, say so", () => {
  expect(titleOf(weight(100))).toBe("switch all visitors of api, web to v2");
  expect(titleOf(weight(0))).toBe("take all visitors of api, web back from v2");
  expect(titleOf({ kind: "smoke", checks: [], side: "beside" })).toMatch(/^smoke test of what runs beside/);
});

async function servingV1(): Promise<SimulatedTarget> {
  const target = simulatedTarget();
  for (const { name, replicas } of v1.services) {
    for (let index = 0; index < replicas; index += 1) {
      await target.apply({ kind: "replace-replica", service: name, index, version: "v1" }, v1, context);
    }
  }
  return target;
}

async function carryOut(target: SimulatedTarget, operations: readonly TargetOperation[]): Promise<void> {
  for (const operation of operations) await target.apply(operation, v2, context);
}

async function statesOf(target: SimulatedTarget, operations: readonly JournaledOperation[]) {
  const plan = plannedChange({ release: v2, from: v1, operations: canary });
  const observed = await target.observe();
  const isCurrent = currentAmong(new Map([["v2", v2]]));
  return canary.map((operation) => besideState(operation, { plan, operations }, { observed, isCurrent }));
}

function entry(index: number, state: JournaledOperation["state"]): JournaledOperation {
  return { index, operation: canary[index]!, wayBack: false, state, observed: null, backup: null };
}

const context: OperationContext = {
  fencingToken: 1,
  operationId: "local-1/0/1",
  secrets: {},
  signal: new AbortController().signal,
  report: () => undefined,
};
