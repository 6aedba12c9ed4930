import { beforeEach, describe, expect, it } from "vitest";
import { release, readState, type Strategy } from "../../../src/release/release.ts";
import { titleOf } from "../../../src/release/apply/apply.ts";
import {
  eventClock,
  memoryLedger,
  releaseContext,
  simulatedTarget,
  usualTimeouts,
  withVisitors,
  type EventClock,
  type ReplicaBehaviour,
} from "../../../src/testing/testing.ts";
import { failureOf } from "../../support/failure-of.ts";
import { candidateOf, everySlot } from "../../support/releases.ts";

let clock: EventClock;
beforeEach(() => {
  clock = eventClock();
});

/** v1 is live, and v2 comes by blue-green. */
function environment(v2: ReplicaBehaviour = {}, bakeSeconds = 60) {
  const strategy: Strategy = { kind: "blue-green", bakeSeconds };
  const behaviour = (version: string) => (version === "v2" ? v2 : {});
  const target = simulatedTarget("local", { clock, behaviour });
  withVisitors(target, clock, { perSecond: 10, behaviour: () => ({ errors: 0, median: 50 }) });
  const ledger = memoryLedger(clock);
  const context = releaseContext({ ledger, target, clock, strategy, timeouts: usualTimeouts });
  const deploy = async (version: string) => {
    const { lastChange } = await readState(context);
    return release(candidateOf(version, { after: lastChange }), context);
  };
  return { target, ledger, deploy };
}

describe("while a blue-green release bakes", () => {
  it("replicas that end take it back, though those that served before are ready", async () => {
    const { target, deploy } = environment({ crashAfterSeconds: 20 });
    await deploy("v1");
    const failure = await failureOf(deploy("v2"));
    expect(failure).toMatchObject({ code: "ROLLED_BACK", exitCode: 4 });
    expect(failure.message).toContain(
      "after the release: 0 of 2 replicas of api are ready (3 looks in a row)",
    );
    expect(target.serving()).toEqual(everySlot("v1"));
    expect(target.beside()).toEqual({});
  });

  it("it is taken back where its visitors are taken from it", async () => {
    const { target, deploy } = environment();
    await deploy("v1");
    void clock.sleep(20_000).then(() => {
      target.replicas.weights.clear();
    });
    const failure = await failureOf(deploy("v2"));
    expect(failure.message).toContain("visitors of api do not get v2 any more");
  });

  it("smoke checks are asked of it, and not of what served before", async () => {
    const { target, deploy } = environment();
    await deploy("v1");
    const sides: (string | undefined)[] = [];
    const smoke = target.smoke.bind(target);
    const asked: typeof target.smoke = (checks, context, side, tries) => {
      sides.push(side);
      return smoke(checks, context, side, tries);
    };
    Object.assign(target, { smoke: asked });
    await deploy("v2");
    expect(sides.slice(0, -1).length).toBeGreaterThan(3);
    // The last one is that of all that serves in the end.
    expect(sides).toEqual([...sides.slice(0, -1).map(() => "beside"), undefined]);
  });

  it("it has as long as it is meant to have, however long a deploy may take", async () => {
    const { target, ledger, deploy } = environment({}, 3 * usualTimeouts.deploy);
    await deploy("v1");
    await deploy("v2");
    expect(target.serving()).toEqual(everySlot("v2"));
    const finished = await ledger.read({ environment: "local", types: ["operation-finished"] });
    const titles = finished.map(({ payload }) => titleOf((payload as never)["operation"]));
    expect(titles).toContainEqual(
      expect.stringMatching(/^watch health, smoke of what visitors were switched to for \d+ min$/),
    );
  });
});
