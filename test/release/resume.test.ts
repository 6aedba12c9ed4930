import { beforeEach, describe, expect, it } from "vitest";
import { abort, resume, type ReleaseContext } from "../../src/release/release.ts";
import { failureOf } from "../support/failure-of.ts";
import { killedAt, momentsOf, simulatedTarget } from "../../src/testing/testing.ts";
import { candidateOf, everySlot, expanding, tagOf } from "../support/releases.ts";
import { simulationForEachTest } from "../support/simulation/each-test.ts";

const here = simulationForEachTest();
const { context, state } = here;
/** The operations of the target, in the order in which they began. */
let done: string[];

beforeEach(() => {
  done = [];
  here.target.onOperation = (title) => void done.push(title);
});

const deploy = (version: string, where: ReleaseContext) =>
  here.deploy(
    candidateOf(version, {
      migrations: expanding("1_init", ...(version === "v1" ? [] : ["2_reviews"])),
      tags: tagOf(version),
    }),
    where,
  );

/** deployment-started, then two events for each of seven operations, then deployment-succeeded. */
const writesOfADeploy = 1 + 2 * 7 + 1;

describe("a deploy that was killed", () => {
  it.each(momentsOf(writesOfADeploy))(
    "$when its write $write ends, resumed, as the one that nobody killed",
    async (position) => {
      await deploy("v1", context());
      done.length = 0;
      await failureOf(deploy("v2", context({ ledger: killedAt(here.ledger, position) })));
      await here.clock.advance(31_000);
      const cutOff = (await state()).unsettled;
      const outcome = await resume(context(), { answer: null });
      if (cutOff === null) {
        // Nothing had begun, or all of it was written down.
        expect(outcome).toBeNull();
        expect(here.target.serving()).toEqual(everySlot(position.write === 1 ? "v1" : "v2"));
      } else {
        expect(outcome).toMatchObject({ kind: "released", deployment: cutOff.id });
        expect(here.target.serving()).toEqual(everySlot("v2"));
        expect((await state()).live?.release.version).toBe("v2");
      }
      const notBegun = outcome === null && position.write === 1;
      expect(here.database.migrations).toEqual(notBegun ? ["1_init"] : ["1_init", "2_reviews"]);
      expect(new Set(done).size).toBe(done.length);
      expect((await state()).unsettled).toBeNull();
    },
  );

  it("twice, at two places, still ends as the one that nobody killed", async () => {
    await deploy("v1", context());
    for (let first = 2; first < writesOfADeploy; first += 3) {
      for (let second = 2; second < 8; second += 2) {
        const version = `v${String(first)}-${String(second)}`;
        await failureOf(
          deploy(version, context({ ledger: killedAt(here.ledger, { write: first, when: "after" }) })),
        );
        await here.clock.advance(31_000);
        await resume(context({ ledger: killedAt(here.ledger, { write: second, when: "before" }) }), {
          answer: null,
        }).catch(() => undefined);
        await here.clock.advance(31_000);
        await resume(context(), { answer: null });
        expect(here.target.serving()).toEqual(everySlot(version));
      }
    }
    expect(here.database.migrations).toEqual(["1_init", "2_reviews"]);
  });

  it("is one deployment in the history, however often it was resumed", async () => {
    await deploy("v1", context());
    await failureOf(deploy("v2", context({ ledger: killedAt(here.ledger, { write: 6, when: "after" }) })));
    await here.clock.advance(31_000);
    await resume(context(), { answer: null });
    const { deployments } = await state();
    expect(deployments.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual([
      "local-1 succeeded",
      "local-2 succeeded",
    ]);
    expect(deployments[1]?.operations.map(({ state }) => state)).toEqual(Array(7).fill("done"));
  });

  it("on its way back goes on going back, and exits 4", async () => {
    await deploy("v1", context());
    here.target.smokeFails = true;
    // Up to the smoke test and its failure, then two events of the way back.
    const error = await failureOf(
      deploy("v2", context({ ledger: killedAt(here.ledger, { write: 1 + 2 * 6 + 3, when: "after" }) })),
    );
    expect(error.exitCode).toBe(5);
    await here.clock.advance(31_000);
    expect(await failureOf(resume(context(), { answer: null }))).toMatchObject({ code: "ROLLED_BACK" });
    expect(here.target.serving()).toEqual(everySlot("v1"));
    expect((await state()).live?.release.version).toBe("v1");
  });

  it("can be taken back instead", async () => {
    await deploy("v1", context());
    await failureOf(deploy("v2", context({ ledger: killedAt(here.ledger, { write: 7, when: "after" }) })));
    await here.clock.advance(31_000);
    const ending = await abort(context(), { reason: "wrong day" });
    expect(ending).toMatchObject({ code: "ROLLED_BACK", exitCode: 4 });
    expect((ending as Error).message).toContain("aborted by ada@laptop: wrong day");
    expect(here.target.serving()).toEqual(everySlot("v1"));
    expect(await abort(context(), { reason: "" })).toBeNull();
  });
});

describe("a deploy that runs", () => {
  it("stops at its next safe point and goes back when somebody asks for that", async () => {
    await deploy("v1", context());
    here.target.onOperation = async (title) => {
      if (title !== "replace-replica api/1") return;
      here.target.onOperation = () => undefined;
      const answer = await abort(context({ actor: "grace@phone" }), { reason: "wrong day" });
      expect(answer).toMatchObject({ deployment: "local-2", asked: { holder: "ada@laptop" } });
      await here.clock.advance(5_000);
      // The watch reads the ledger in its own time.
      await new Promise((resolve) => setTimeout(resolve, 20));
    };
    const error = await failureOf(deploy("v2", context()));
    expect(error).toMatchObject({ code: "ROLLED_BACK", exitCode: 4 });
    expect(error.message).toContain("aborted by grace@phone: wrong day");
    expect(here.target.serving()).toEqual(everySlot("v1"));
  });
});

describe("an operation of which nobody can tell whether it happened", () => {
  const unknown = (): ReleaseContext => ({
    ...context(),
    executors: { ...context().executors, migrationState: async () => "unknown" },
  });

  beforeEach(async () => {
    await deploy("v1", context());
    // Its process died in the migration: begun, and no word of its end.
    await failureOf(deploy("v2", context({ ledger: killedAt(here.ledger, { write: 3, when: "before" }) })));
    await here.clock.advance(31_000);
    done.length = 0;
    here.database.migrations = [];
  });

  it("is asked, and meanwhile nothing is done", async () => {
    const before = await here.ledger.read();
    const error = await failureOf(resume(unknown(), { answer: null }));
    expect(error).toMatchObject({ code: "OPERATION_UNKNOWN", exitCode: 3 });
    expect(error.message).toContain("migrate the database: 2_reviews");
    expect(error.remedy).toContain("npx fairway resume --env local --answer not-done");
    expect(done).toEqual([]);
    expect(await here.ledger.read()).toEqual(before);
  });

  it("is left alone when a person has found it done, and done when not", async () => {
    await resume(unknown(), { answer: "done" });
    expect(here.database.migrations).toEqual([]);
    expect(here.target.serving()).toEqual(everySlot("v2"));
  });

  it("is done when a person has found that it was not", async () => {
    await resume(unknown(), { answer: "not done" });
    expect(here.database.migrations).toEqual(["2_reviews"]);
  });
});

it("what was done and is gone since, by a reboot, is done again", async () => {
  await deploy("v1", context());
  await failureOf(
    deploy("v2", context({ ledger: killedAt(here.ledger, { write: 1 + 2 * 4, when: "after" }) })),
  );
  await here.clock.advance(31_000);
  const fresh = simulatedTarget();
  await resume(context({ target: fresh }), { answer: null });
  expect(fresh.serving()).toEqual(everySlot("v2"));
  expect(here.database.migrations).toEqual(["1_init", "2_reviews"]);
});
