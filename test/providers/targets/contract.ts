import { beforeEach, describe, expect, it } from "vitest";
import type { Release, SmokeCheck } from "../../../src/model/plan.ts";
import type { Observation, OperationContext, Target, TargetOperation } from "../../../src/model/target.ts";
import { currentAmong } from "../../../src/release/plan/plan.ts";
import { rollOut } from "../../../src/release/strategies/strategies.ts";
import { failureOf } from "../../support/failure-of.ts";

/** One environment of a target, empty or with something in it that is not Fairway's. */
export interface TargetSubject extends AsyncDisposable {
  readonly target: Target;
  /** Another process that deploys to the same environment. */
  another(): Promise<Target>;
  context(overrides?: Partial<OperationContext>): OperationContext;
  /** A release that starts and serves. Each version is another one. */
  release(version: string): Release;
  /** A smoke check that this release passes and another does not. */
  smoke(release: Release): SmokeCheck;
}

export interface TargetContract {
  /** Why it cannot be tried here. */
  readonly missing?: string | undefined;
  readonly open: () => Promise<TargetSubject>;
}

/** What the release code believes of every target. */
export function describeTarget(name: string, { missing, open }: TargetContract): void {
  describe(name, () => {
    beforeEach(({ skip }) => {
      if (missing !== undefined) skip(missing);
    });

    it("runs what it was told: nothing is left to do, for another process too", async () => {
      await using there = await open();
      const release = there.release("v1");
      expect(await bring(there, release)).not.toEqual([]);
      expect(await left(there.target, release)).toEqual([]);
      expect(await left(await there.another(), release)).toEqual([]);
      const observed = await there.target.observe();
      expect(observed.services.map(({ name: service }) => service)).toEqual(
        release.services.map(({ name: service }) => service),
      );
      expect(observed.revision !== undefined).toBe(there.target.rollout === "as a whole");
    });

    it("does what is asked again once", async () => {
      await using there = await open();
      const release = there.release("v1");
      const operations = await bring(there, release);
      const before = identityOf(await there.target.observe());
      const again = await there.another();
      for (const operation of operations) await again.apply(operation, release, there.context());
      expect(identityOf(await there.target.observe())).toEqual(before);
    });

    it("goes on to another release, and back", async () => {
      await using there = await open();
      const [v1, v2] = [there.release("v1"), there.release("v2")];
      await bring(there, v1);
      await bring(there, v2);
      await there.target.smoke([there.smoke(v2)], there.context());
      expect(await left(there.target, v1)).not.toEqual([]);
      await bring(there, v1);
      expect(await left(there.target, v1)).toEqual([]);
      await there.target.smoke([there.smoke(v1)], there.context());
    });

    it("refuses whoever has a smaller token than the last that it was prepared with", async () => {
      await using there = await open();
      const [v1, v2] = [there.release("v1"), there.release("v2")];
      await bring(there, v1, { fencingToken: 3 });
      const before = identityOf(await there.target.observe());
      const operations = await left(there.target, v2);
      const taker = await there.another();
      await taker.prepare(there.context({ fencingToken: 4 }), needsOf(v1));
      const stale = there.context({ fencingToken: 3 });
      for (const refused of [
        () => there.target.apply(operations[0]!, v2, stale),
        () => there.target.prepare(stale, needsOf(v2)),
      ]) {
        expect(await failureOf(refused())).toMatchObject({ code: "LEASE_LOST", exitCode: 5 });
      }
      expect(imagesIn(await there.target.observe())).toEqual(imagesIn(before));
    });

    it("says of a smoke check that fails what came back instead", async () => {
      await using there = await open();
      const [v1, v2] = [there.release("v1"), there.release("v2")];
      await bring(there, v1);
      expect((await there.target.smoke([there.smoke(v1)], there.context())).observed).toBe(
        "1 smoke check passed",
      );
      expect(await failureOf(there.target.smoke([there.smoke(v2)], there.context()))).toMatchObject({
        code: "SMOKE_FAILED",
        exitCode: 1,
      });
    });

    it("stops waiting when it is told to", async () => {
      await using there = await open();
      const v1 = there.release("v1");
      await there.target.prepare(there.context(), needsOf(v1));
      const [first] = await left(there.target, v1);
      const reason = new Error("enough");
      const context = there.context({ signal: AbortSignal.abort(reason) });
      expect(await failureOf(there.target.apply(first!, v1, context))).toBe(reason);
    });

    it("knows no operation of another rollout than its own", async () => {
      await using there = await open();
      const v1 = there.release("v1");
      const foreign: TargetOperation =
        there.target.rollout === "as a whole"
          ? { kind: "remove-replica", service: "api", index: 0 }
          : { kind: "await-healthy", version: "v1", timeoutSeconds: 1 };
      expect((await failureOf(there.target.apply(foreign, v1, there.context()))).message).toContain(
        foreign.kind,
      );
    });
  });
}

const needsOf = ({ services }: Release) => ({
  services: services.map(({ name, port }) => ({ name, port })),
  postgres: null,
});

/** As the release code does it; answers what it did. */
async function bring(
  there: TargetSubject,
  release: Release,
  overrides: Partial<OperationContext> = {},
): Promise<readonly TargetOperation[]> {
  await there.target.prepare(there.context(overrides), needsOf(release));
  const operations = await left(there.target, release);
  for (const operation of operations) {
    const { observed } = await there.target.apply(operation, release, there.context(overrides));
    expect(observed).not.toBe("");
  }
  return operations;
}

async function left(target: Target, release: Release): Promise<readonly TargetOperation[]> {
  const isCurrent = currentAmong(new Map([[release.version, release]]));
  const operations = rollOut({
    release,
    observed: await target.observe(),
    rollout: target.rollout,
    isCurrent,
  });
  return operations as readonly TargetOperation[];
}

/** What changes when something is done a second time. */
function identityOf({ services, revision }: Observation) {
  const replicas = services.flatMap(({ name, replicas: its }) =>
    its.map(({ index, version, image, processId }) => ({ name, index, version, image, processId })),
  );
  return { replicas, revision: revision?.id ?? null, images: revision?.images ?? null };
}

function imagesIn(identity: ReturnType<typeof identityOf> | Observation) {
  const { replicas, images } = "replicas" in identity ? identity : identityOf(identity);
  return { replicas, images };
}
