import { describe, expect, it } from "vitest";
import type { FairwayError } from "../../../src/model/errors.ts";
import type { Operation } from "../../../src/model/plan.ts";
import type { ObservedReplica } from "../../../src/model/target.ts";
import { rollBackTo, rollOut, type Strategy } from "../../../src/release/strategies/strategies.ts";
import { releaseOf } from "../../support/releases.ts";

type Canary = Extract<Strategy, { kind: "canary" }>;

const errors = { metric: "error-rate", source: null, bound: { maxIncreasePoints: 0.5 } } as const;
const canary: Canary = {
  ...{ kind: "canary", weights: [5, 100], sticky: false, holdSeconds: 300 },
  limits: [{ services: null, limit: errors }],
  analysis: {
    ...{ alpha: 0.01, power: 0.9, expected: 0.001, atLeast: 100 },
    ...{ lookSeconds: 30, failedLooks: 1, sourceErrors: 4, extendSeconds: 600, whenInsufficient: "hold" },
  },
};

const replicas = (...versions: readonly string[]): Partial<ObservedReplica>[] =>
  versions.map((version, index) => ({ index, version }));

/** From what runs to v2; what is v2 with its image already is as it should be. */
function to2(
  running: Readonly<Record<string, readonly Partial<ObservedReplica>[]>>,
  strategy: Strategy = canary,
): Operation[] {
  return rollOut({ ...seen(running), strategy });
}

function seen(running: Readonly<Record<string, readonly Partial<ObservedReplica>[]>>) {
  return {
    ...{ release: releaseOf("v2", Object.keys(running)), rollout: "by replica" as const },
    isCurrent: (_: unknown, { version, image }: ObservedReplica) => version === "v2" && image === "image",
    observed: {
      database: null,
      services: Object.entries(running).map(([name, all]) => ({
        ...{ name, url: null },
        replicas: all.map((fields) => ({
          ...{ index: 0, version: "v1", image: "image", processId: 1, state: "ready" as const },
          ...{ inRotation: true, startedAt: "", ...fields },
        })),
      })),
    },
  };
}

function thrownBy(work: () => unknown): FairwayError {
  try {
    work();
  } catch (error) {
    return error as FairwayError;
  }
  throw new Error("it was expected to fail");
}

const kindsOf = (operations: readonly Operation[]) => [...new Set(operations.map(({ kind }) => kind))];

describe("a canary", () => {
  it("starts more replicas only for a step whose share takes more of them", () => {
    const weights = [5, 25, 50, 60, 100];
    const steps = to2({ api: replicas("v1", "v1") }, { ...canary, weights });
    const starts = steps.flatMap((step) => (step.kind === "start-beside" ? [step.replicas] : []));
    expect(starts).toEqual([1, 2]);
    const kinds = steps.map((step) => (step.kind === "set-weight" ? step.percent : step.kind));
    expect(kinds.slice(kinds.indexOf(50))).toEqual([
      ...[50, "analyse", "start-beside", 60, "analyse", 100, "take-over"],
    ]);
  });

  it("is refused where a service changes that no limit judges", () => {
    const ofApi = { ...canary, limits: [{ services: ["api"], limit: errors }] };
    const running = { api: replicas("v1", "v1"), web: replicas("v1", "v1") };
    const thrown = thrownBy(() => to2(running, ofApi));
    expect(thrown).toMatchObject({ code: "CANARY_UNJUDGED", exitCode: 2 });
    expect(thrown.message).toBe("no limit of the canary judges web, which changes. Nothing was changed.");
    const onlyApi = to2({ api: replicas("v1", "v1"), web: replicas("v2", "v2") }, ofApi);
    expect(kindsOf(onlyApi)).toContain("analyse");
  });

  it("is refused of a version that serves already with another image: its figures are those of both", () => {
    const other = replicas("v2", "v2").map((replica) => ({ ...replica, image: "other" }));
    const thrown = thrownBy(() => to2({ api: other }));
    expect(thrown).toMatchObject({ code: "CANARY_UNJUDGED", exitCode: 2 });
    expect(thrown.message).toMatch(/^v2 of api is what serves already, with another image or settings/);
    expect(kindsOf(to2({ api: other }, { kind: "blue-green", bakeSeconds: 60 }))).toContain("set-weight");
  });

  it("is not made of a replica that is missing or has ended: it is started again", () => {
    const dead = [
      ...replicas("v2"),
      { index: 1, version: "v2", state: "exited", inRotation: false } as const,
    ];
    expect(kindsOf(to2({ api: dead }))).toEqual(["replace-replica"]);
    expect(kindsOf(to2({ api: replicas("v2") }))).toEqual(["replace-replica"]);
  });
});

it("the way back names the version that gets visitors, and not one that an earlier rollout left beside", () => {
  const { observed, release } = seen({ api: replicas("v1", "v1") });
  const left = { version: "v0", percent: 5, sticky: false };
  const services = observed.services.map((service) => ({ ...service, weight: left }));
  const steps = rollOut({
    ...seen({ api: replicas("v1", "v1") }),
    strategy: canary,
    observed: { ...observed, services },
  });
  const before = { ...releaseOf("v1", ["api"]), services: release.services };
  expect(rollBackTo(before, observed, "by replica", steps)[0]).toMatchObject({
    kind: "set-weight",
    version: "v2",
    percent: 0,
  });
});
