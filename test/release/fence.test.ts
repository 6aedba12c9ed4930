import { describe, expect, it } from "vitest";
import { abort, makePlan, readState, release, resume } from "../../src/release/release.ts";
import { failureOf } from "../support/failure-of.ts";
import { candidateOf, releaseOf } from "../support/releases.ts";
import { simulationForEachTest } from "../support/simulation/each-test.ts";

/** A holder of before, who was paused and does not know that its lease is over. */
const here = simulationForEachTest();
const { context } = here;

const freshCandidate = async (version: string) =>
  candidateOf(version, { after: (await here.state()).lastChange });

const deploy = (version: string, where = context()) => here.deploy(candidateOf(version), where);

/** Its last write comes just before the new holder's token. */
function staleWrite(
  version: string,
  slot: { readonly service: string; readonly index: number },
): { refused: number } {
  const prepare = here.target.prepare.bind(here.target);
  const told = { refused: 0 };
  here.target.prepare = async (operation, needs) => {
    const stale = { ...operation, fencingToken: operation.fencingToken - 1 };
    const write = () =>
      here.target.apply({ kind: "replace-replica", ...slot, version }, releaseOf(version), stale).then(
        () => undefined,
        () => (told.refused += 1),
      );
    await write();
    const prepared = await prepare(operation, needs);
    await write();
    return prepared;
  };
  return told;
}

const versions = () => [...new Set(Object.values(here.target.serving()))];

describe("what a stale holder writes at last, before the new one's token is at the target,", () => {
  it("is seen by a resume, which does over what it undid", async () => {
    await deploy("v1");
    const cut = new AbortController();
    here.target.onOperation = (title) => {
      if (title === "replace-replica web/0") cut.abort(new Error("the laptop is closed"));
    };
    await failureOf(deploy("v2", context({ signal: cut.signal })));
    here.target.onOperation = () => undefined;
    expect(versions()).toEqual(["v2", "v1"]);
    const stale = staleWrite("v1", { service: "api", index: 0 });
    expect(await resume(context(), { answer: null })).toMatchObject({ kind: "released" });
    expect(versions()).toEqual(["v2"]);
    expect(stale.refused).toBeGreaterThan(0);
  });

  it("is seen by an abort, which goes back from it too", async () => {
    await deploy("v1");
    const cut = new AbortController();
    here.target.onOperation = (title) => {
      if (title === "replace-replica api/1") cut.abort(new Error("the laptop is closed"));
    };
    await failureOf(deploy("v2", context({ signal: cut.signal })));
    here.target.onOperation = () => undefined;
    staleWrite("v2", { service: "web", index: 1 });
    await abort(context(), { reason: "wrong day" });
    expect(versions()).toEqual(["v1"]);
  });

  it("is seen by a deploy, whose plan is made anew of it", async () => {
    await deploy("v2");
    await deploy("v1");
    // One replica is gone: that is all there is to do, until the stale holder writes.
    const operation = { fencingToken: 2, operationId: "by-hand", secrets: {}, report: () => undefined };
    const { signal } = new AbortController();
    const gone = { kind: "remove-replica", service: "web", index: 1 } as const;
    await here.target.apply(gone, releaseOf("v1"), { ...operation, signal });
    staleWrite("v2", { service: "api", index: 0 });
    expect(await deploy("v1")).toMatchObject({ kind: "released" });
    expect(versions()).toEqual(["v1"]);
  });

  it("is no part of the plan that was given: that one is refused", async () => {
    await deploy("v1");
    const where = context();
    const candidate = await freshCandidate("v2");
    const given = await makePlan(candidate, await readState(where), where);
    staleWrite("v2", { service: "api", index: 0 });
    expect(await failureOf(release(candidate, where, given))).toMatchObject({ code: "PLAN_STALE" });
    expect((await readState(where)).unsettled).toBeNull();
  });
});

it("a deploy with nothing to do, and one that is held, leave the target as it is: not even its token is written", async () => {
  await deploy("v1");
  let prepared = 0;
  here.target.prepare = async () => {
    prepared += 1;
    return { urls: {}, databaseUrl: null };
  };
  expect(await deploy("v1")).toMatchObject({ kind: "nothing to do" });
  const given = await makePlan(await freshCandidate("v2"), await readState(context()), context());
  await failureOf(release(await freshCandidate("v3"), context(), given));
  expect(prepared).toBe(0);
});
