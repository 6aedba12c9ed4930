import { describe, expect, it } from "vitest";
import { failure } from "../../src/model/errors.ts";
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

describe("a deploy whose target cannot be made ready", () => {
  const unready = () => {
    const prepare = here.target.prepare.bind(here.target);
    here.target.prepare = () =>
      Promise.reject(
        failure("PostgreSQL does not start", { code: "POSTGRES_DOWN", remedy: "Look at its log." }),
      );
    return () => (here.target.prepare = prepare);
  };

  it("says that nothing was begun, and the ledger says who tried what", async () => {
    await deploy("v1");
    const mend = unready();
    const failed = await failureOf(deploy("v2"));
    expect(failed).toMatchObject({ code: "POSTGRES_DOWN", exitCode: 1, remedy: "Look at its log." });
    expect(failed.message).toBe(
      "PostgreSQL does not start. Nothing was begun: what serves in local is as it was.",
    );
    const [note, ...more] = await here.ledger.read({ types: ["deployment-not-begun"] });
    expect(more).toEqual([]);
    expect(note).toMatchObject({ deployment: null, actor: context().actor });
    expect(note?.payload).toMatchObject({ version: "v2", message: "PostgreSQL does not start" });
    expect((await readState(context())).unsettled).toBeNull();
    expect(await resume(context(), { answer: null })).toBeNull();
    expect(versions()).toEqual(["v1"]);
    mend();
  });

  it("leaves the plan that was given as good as it was", async () => {
    await deploy("v1");
    const candidate = await freshCandidate("v2");
    const given = await makePlan(candidate, await readState(context()), context());
    const mend = unready();
    await failureOf(release(candidate, context(), given));
    mend();
    expect(await release(candidate, context(), given)).toMatchObject({ kind: "released" });
  });

  it("leaves what was cut off before to be gone on with", async () => {
    await deploy("v1");
    const cut = new AbortController();
    here.target.onOperation = (title) => {
      if (title === "replace-replica web/0") cut.abort(new Error("the laptop is closed"));
    };
    await failureOf(deploy("v2", context({ signal: cut.signal })));
    here.target.onOperation = () => undefined;
    const mend = unready();
    await failureOf(deploy("v3"));
    mend();
    expect((await readState(context())).unsettled).toMatchObject({ id: "local-2", outcome: "interrupted" });
    expect(await resume(context(), { answer: null })).toMatchObject({ kind: "released" });
    expect(versions()).toEqual(["v2"]);
  });

  it("and is killed leaves nothing that has to be resumed: the next one begins", async () => {
    await deploy("v1");
    const prepare = here.target.prepare.bind(here.target);
    const dead = new AbortController();
    here.target.prepare = async (operation, needs) => {
      await prepare(operation, needs);
      dead.abort(new Error("killed"));
      throw dead.signal.reason;
    };
    await failureOf(deploy("v2", context({ signal: dead.signal })));
    here.target.prepare = prepare;
    expect(await resume(context(), { answer: null })).toBeNull();
    expect(await deploy("v2")).toMatchObject({ kind: "released", deployment: "local-2" });
  });
});
