import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Target } from "../../../../src/model/target.ts";
import {
  abort,
  readState,
  resume,
  rollBack,
  stopEnvironment,
  type ReleaseContext,
} from "../../../../src/release/release.ts";
import { failureOf } from "../../../support/failure-of.ts";
import { gitServerMissing } from "../../../support/git-http-server.ts";
import { killedAt, type Moment } from "../../../../src/testing/testing.ts";
import { candidateOf, releaseOf } from "../../../support/releases.ts";
import { simulationForEachTest } from "../../../support/simulation/each-test.ts";
import { digestOf, gitopsEnvironment, imagesOf, kustomization, type GitopsEnvironment } from "./fixtures.ts";

const missing = gitServerMissing();

describe("releases to a gitops target", () => {
  const here = simulationForEachTest(() => ({ environment: "staging" }));
  let there: GitopsEnvironment;

  beforeEach(async ({ skip }) => {
    if (missing !== undefined) skip(missing);
    there = await gitopsEnvironment();
  });

  afterEach(async () => {
    if (missing === undefined) await there[Symbol.asyncDispose]();
  });

  /** A process of its own, with a clone of its own. */
  const context = async (fields: Partial<ReleaseContext> = {}): Promise<ReleaseContext> =>
    here.context({ target: await there.another(), ...fields });

  async function deploy(version: string, where?: ReleaseContext) {
    const contains = digestOf(releaseOf(version));
    const smoke = [{ service: "web", path: "/", status: 200, contains }];
    return here.deploy(candidateOf(version, { smoke }), where ?? (await context()));
  }

  const images = async () => (await (await there.another()).observe()).revision?.images;
  const releases = () => there.log("%s").filter((subject) => subject.startsWith("Release"));

  /** Just before the commit, and once it is there and nobody has written that down: test/slow/gitops-crash-matrix.test.ts has them all. */
  const positions: readonly Moment[] = [
    { write: 2, when: "after" },
    { write: 3, when: "before" },
  ];

  it.each(positions)(
    "killed $when the write $write, one is resumed to the state that an unkilled one has, by one commit",
    async (moment) => {
      await deploy("v1");
      await failureOf(deploy("v2", await context({ ledger: killedAt(here.ledger, moment) })));
      await here.clock.advance(31_000);
      const outcome = await resume(await context(), { answer: null });
      expect(outcome).toMatchObject({ kind: "released", deployment: "staging-2" });
      expect(await images()).toEqual(imagesOf(releaseOf("v2")));
      expect(releases()).toHaveLength(2);
      const { live, unsettled } = await readState(await context());
      expect(live?.release.version).toBe("v2");
      expect(unsettled).toBeNull();
    },
  );

  it("a rollback is a new commit with the images of before, and the ledger agrees", async () => {
    await deploy("v1");
    const before = there.file(kustomization);
    await deploy("v2");
    await rollBack(await context(), { reason: "Performance issue" });
    expect(there.file(kustomization)).toBe(before);
    expect(releases()).toHaveLength(3);
    expect((await readState(await context())).live?.release.version).toBe("v1");
  });

  it("one that is there already has nothing to do, and writes nothing", async () => {
    await deploy("v1");
    const commits = there.log("%H");
    expect(await deploy("v1")).toMatchObject({ kind: "nothing to do" });
    expect(there.log("%H")).toEqual(commits);
  });

  it("one that never becomes healthy goes back by itself, and says Argo CD's reason", async () => {
    await deploy("v1");
    const before = there.file(kustomization);
    there.argocd.trouble.set(digestOf(releaseOf("v2")), "degraded");
    const error = await failureOf(deploy("v2"));
    expect(error).toMatchObject({ code: "ROLLED_BACK", exitCode: 4 });
    expect(error.message).toContain("Deployment api is Degraded: exceeded its progress deadline");
    expect(error.message).toContain("v1 is live in staging");
    expect(there.file(kustomization)).toBe(before);
    expect(there.argocd.synced()).toBe(there.log("%H")[0]);
  });

  it("the first one that fails gives back what stood there before", async () => {
    there.argocd.trouble.set(digestOf(releaseOf("v1")), "fails to sync");
    expect(await failureOf(deploy("v1"))).toMatchObject({ code: "ROLLED_BACK", exitCode: 4 });
    expect(await images()).toEqual({ api: "shop/api:1.10", web: "shop/web:1.10" });
  });

  it("one that was killed on its way back goes on going back", async () => {
    await deploy("v1");
    there.argocd.trouble.set(digestOf(releaseOf("v2")), "degraded");
    // started, set-images twice, await-healthy and its failure, going back, and the first step back.
    await failureOf(
      deploy(
        "v2",
        await context({ ledger: killedAt(here.ledger, { write: 1 + 2 + 2 + 1 + 1, when: "after" }) }),
      ),
    );
    await here.clock.advance(31_000);
    expect(await failureOf(resume(await context(), { answer: null }))).toMatchObject({
      code: "ROLLED_BACK",
    });
    expect(await images()).toEqual(imagesOf(releaseOf("v1")));
    expect((await readState(await context())).unsettled).toBeNull();
  });

  it("one that was killed can be taken back instead", async () => {
    await deploy("v1");
    await failureOf(
      deploy("v2", await context({ ledger: killedAt(here.ledger, { write: 3, when: "before" }) })),
    );
    await here.clock.advance(31_000);
    expect(await abort(await context(), { reason: "wrong day" })).toMatchObject({ code: "ROLLED_BACK" });
    expect(await images()).toEqual(imagesOf(releaseOf("v1")));
  });

  it("a hand that took back what was written is asked about, not overruled", async () => {
    await deploy("v1");
    await failureOf(
      deploy("v2", await context({ ledger: killedAt(here.ledger, { write: 3, when: "after" }) })),
    );
    await there.byHand(kustomization, (text) =>
      text.replaceAll(digestOf(releaseOf("v2")), `sha256:${"c".repeat(64)}`),
    );
    await here.clock.advance(31_000);
    expect(await failureOf(resume(await context(), { answer: null }))).toMatchObject({
      code: "OPERATION_UNKNOWN",
      exitCode: 3,
    });
    expect((await images())?.["api"]).toContain("ccc");
  });

  it("whose holder slept through the loss of its lease moves nothing when it wakes up", async () => {
    await deploy("v1");
    let woken: Promise<unknown> | undefined;
    const still = () => Promise.reject(new Error("its process stands still"));
    const sleeper = await context({ ledger: { ...here.ledger, renew: still } });
    const asleep: Target = {
      ...sleeper.target,
      apply: async (operation, wanted, operationContext) => {
        // Its process stands still here, between the journal and the push.
        await here.clock.advance(31_000);
        woken ??= deploy("v3");
        await woken;
        return sleeper.target.apply(operation, wanted, operationContext);
      },
    };
    const error = await failureOf(deploy("v2", { ...sleeper, target: asleep }));
    expect(error.exitCode).toBe(5);
    expect(await images()).toEqual(imagesOf(releaseOf("v3")));
    expect(releases()).toEqual(["Release v3 to staging: api, web", "Release v1 to staging: api, web"]);
    expect((await readState(await context())).live?.release.version).toBe("v3");
  });

  it("a hand that was faster than the commit is not overwritten, forward or on the way back", async () => {
    await deploy("v1");
    const byHand = await context();
    const changed: Target = {
      ...byHand.target,
      apply: async (operation, wanted, operationContext) => {
        if (operation.kind === "set-images" && !operationContext.operationId.includes("back-"))
          await there.byHand(kustomization, (text) =>
            text.replace(digestOf(releaseOf("v1")), `sha256:${"c".repeat(64)}`),
          );
        return byHand.target.apply(operation, wanted, operationContext);
      },
    };
    const error = await failureOf(deploy("v2", { ...byHand, target: changed }));
    expect(error).toMatchObject({ code: "TARGET_CHANGED", exitCode: 3 });
    expect(error.message).toContain("Grace <grace@example.com>");
    expect(error.message).toContain("It is left as it is.");
    expect((await images())?.["api"]).toContain("ccc");
    // Nothing of it is left to resume: the next plan is about what the hand has set.
    expect((await readState(await context())).unsettled).toBeNull();
  });

  it("is not stopped by Fairway, and a shutdown that is asked for changes no ledger", async () => {
    await deploy("v1");
    const before = await here.ledger.read();
    const error = await failureOf(stopEnvironment(await context(), { removeData: true }));
    expect(error).toMatchObject({ code: "TARGET_CANNOT_STOP", exitCode: 1 });
    expect(await here.ledger.read()).toEqual(before);
  });
});
