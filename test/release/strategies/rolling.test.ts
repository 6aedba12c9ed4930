import fc from "fast-check";
import { expect, it } from "vitest";
import type { ObservedReplica } from "../../../src/model/target.ts";
import { rolling } from "../../../src/release/strategies/rolling.ts";
import { releaseOf } from "../../support/releases.ts";

const replica = fc.record({
  index: fc.nat(4),
  version: fc.constantFrom("v1", "v2"),
  state: fc.constantFrom("starting", "ready", "unready", "draining", "exited"),
  inRotation: fc.boolean(),
});

const observed = (replicas: readonly Partial<ObservedReplica>[]) => ({
  database: null,
  services: [
    {
      name: "api",
      url: null,
      replicas: replicas.map((fields) => ({
        index: 0,
        version: "v1",
        image: "image",
        processId: 1,
        state: "ready" as const,
        inRotation: true,
        startedAt: "",
        ...fields,
      })),
    },
  ],
});

const isCurrent = (_service: unknown, running: ObservedReplica) => running.version === "v2";
const release = releaseOf("v2", ["api"], { replicas: 3 });

it("leaves alone only a slot whose single replica serves the wanted version", () => {
  const steps = rolling({
    release,
    isCurrent,
    observed: observed([
      { index: 0, version: "v2" },
      { index: 1, version: "v2", inRotation: false },
      { index: 2, version: "v2" },
      { index: 2, version: "v1", state: "draining", inRotation: false },
    ]),
  });
  expect(steps.map((step) => step.index)).toEqual([1, 2]);
});

it("says of a slot in which nothing runs that nothing is replaced there", () => {
  const steps = rolling({
    release,
    isCurrent,
    observed: observed([{ index: 0 }, { index: 1, state: "exited" }]),
  });
  expect(steps.map((step) => step.kind === "replace-replica" && step.replaces)).toEqual([
    undefined,
    undefined,
    false,
  ]);
});

it("touches each slot at most once, wanted slots by replacing and surplus ones by removing", () => {
  fc.assert(
    fc.property(fc.array(replica, { maxLength: 8 }), (replicas) => {
      const steps = rolling({ release, observed: observed(replicas), isCurrent });
      const slots = steps.map((step) => `${step.service}/${String(step.index)}`);
      expect(new Set(slots).size).toBe(slots.length);
      for (const step of steps) expect(step.kind).toBe(step.index < 3 ? "replace-replica" : "remove-replica");
    }),
  );
});

it("has nothing left to do once all its steps were done", () => {
  fc.assert(
    fc.property(fc.array(replica, { maxLength: 8 }), (replicas) => {
      const steps = rolling({ release, observed: observed(replicas), isCurrent });
      const touched = new Set(steps.map((step) => step.index));
      const after = [
        ...replicas.filter((each) => !touched.has(each.index)),
        ...steps
          .filter((step) => step.kind === "replace-replica")
          .map((step) => ({ index: step.index, version: "v2", state: "ready" as const, inRotation: true })),
      ];
      expect(rolling({ release, observed: observed(after), isCurrent })).toEqual([]);
    }),
  );
});

it("replaces as many at a time as may be away or too many, and only what is alike", () => {
  const batch = { maxSurge: 1, maxUnavailable: 1 };
  const four = releaseOf("v2", ["api"], { replicas: 4 });
  const replicas = [{ index: 0 }, { index: 1, version: "v2" }, { index: 2 }];
  const steps = rolling({ release: four, isCurrent, observed: observed(replicas), batch });
  expect(steps).toEqual([
    { kind: "replace-replica", service: "api", version: "v2", index: 0, also: [2], unavailable: 1 },
    { kind: "replace-replica", service: "api", version: "v2", index: 3, replaces: false },
  ]);
});

it("never has more of a service away, or too many, than it may", () => {
  fc.assert(
    fc.property(
      fc.nat(4),
      fc.nat(4),
      fc.uniqueArray(replica, { selector: ({ index }) => index }),
      (maxSurge, maxUnavailable, replicas) => {
        fc.pre(maxSurge + maxUnavailable > 0);
        const batch = { maxSurge, maxUnavailable };
        for (const step of rolling({ release, isCurrent, observed: observed(replicas), batch })) {
          if (step.kind !== "replace-replica") continue;
          const { also = [], unavailable = 0 } = step;
          expect(unavailable).toBeLessThanOrEqual(maxUnavailable);
          if (step.replaces !== false) expect(1 + also.length - unavailable).toBeLessThanOrEqual(maxSurge);
        }
      },
    ),
  );
});
