import { beforeEach, describe, expect, it } from "vitest";
import type { DependencyAnswer } from "../../../src/model/dependency.ts";
import type { DependencyCheck } from "../../../src/model/plan.ts";
import { checkDependencies } from "../../../src/release/health/health.ts";
import {
  makePlan,
  readState,
  release,
  resume,
  rollBack,
  type Candidate,
} from "../../../src/release/release.ts";
import { historyOf, historyText } from "../../../src/report/history.ts";
import { planText } from "../../../src/report/plan.ts";
import { failureOf } from "../../support/failure-of.ts";
import { fastClock } from "../../support/fast-clock.ts";
import { executors } from "../../../src/testing/testing.ts";
import { candidateOf, expanding, releaseOf } from "../../support/releases.ts";
import { simulationForEachTest } from "../../support/simulation/each-test.ts";

const redis = { kind: "redis", at: { secret: "REDIS_URL" } } as const;
const shop = { kind: "certificate", host: "shop.example", port: 443, minDays: 14 } as const;
const pass: DependencyAnswer = { verdict: "pass", says: "answered" };
const gone: DependencyAnswer = { verdict: "fail", says: "cannot be used: ECONNREFUSED", lasting: true };
const unseen: DependencyAnswer = {
  verdict: "insufficient",
  says: "cannot be seen: no answer",
  lasting: true,
};

describe("what a service needs", () => {
  const askOf = (
    checks: readonly DependencyCheck[],
    answer: (check: DependencyCheck) => DependencyAnswer,
  ) => {
    const clock = fastClock();
    const asked: { kind: string; at: number }[] = [];
    const result = checkDependencies(
      { kind: "check-dependencies", checks, timeoutSeconds: 30 },
      {
        ...{ clock, secrets: {}, signal: new AbortController().signal, report: () => undefined },
        probe: async (check, { now }) => {
          asked.push({ kind: check.kind, at: now.getTime() });
          return answer(check);
        },
      },
    );
    return { asked, result };
  };

  it("is asked until it passes, and each answer is said", async () => {
    let tries = 0;
    const { asked, result } = askOf([redis, shop], ({ kind }) =>
      kind === "redis" && ++tries < 4 ? { ...gone, lasting: false } : pass,
    );
    expect(await result).toEqual({
      observed: "Redis at REDIS_URL: answered; certificate of shop.example:443: answered",
    });
    expect(asked.filter(({ kind }) => kind === "redis")).toHaveLength(4);
    expect(asked.filter(({ kind }) => kind === "certificate")).toHaveLength(1);
  });

  it("fails when its time is up, and at once where waiting changes nothing", async () => {
    const slow = askOf([redis], () => ({ ...gone, lasting: false }));
    const error = await failureOf(slow.result);
    expect(error).toMatchObject({ code: "DEPENDENCY_FAILED", exitCode: 1 });
    expect(error.message).toContain("Redis at REDIS_URL: cannot be used: ECONNREFUSED");
    expect(slow.asked.at(-1)!.at - slow.asked[0]!.at).toBeGreaterThan(25_000);
    expect(slow.asked.at(-1)!.at - slow.asked[0]!.at).toBeLessThanOrEqual(30_000);

    const atOnce = askOf([redis], () => gone);
    await failureOf(atOnce.result);
    expect(atOnce.asked).toHaveLength(1);
  });

  it("that could not be looked at is no pass: it is held, unless another one fails", async () => {
    const held = askOf([redis, shop], ({ kind }) => (kind === "redis" ? pass : unseen));
    expect(await failureOf(held.result)).toMatchObject({ code: "DEPENDENCY_UNKNOWN", exitCode: 3 });
    const failed = askOf([redis, shop], ({ kind }) => (kind === "redis" ? gone : unseen));
    const error = await failureOf(failed.result);
    expect(error).toMatchObject({ code: "DEPENDENCY_FAILED", exitCode: 1 });
    expect(error.output).toContain("insufficient  certificate of shop.example:443: cannot be seen");
  });
});

describe("a deploy", () => {
  let answers: DependencyAnswer[];
  const here = simulationForEachTest(({ database }) => ({
    secrets: { REDIS_URL: "redis://cache" },
    // The answers in their order, and then a pass.
    executors: executors({ ...database.executors, probeDependency: async () => answers.shift() ?? pass }),
  }));
  const { context } = here;

  beforeEach(() => {
    answers = [];
  });

  const candidate = async (version: string, fields: Partial<Candidate> = {}): Promise<Candidate> =>
    candidateOf(version, {
      release: releaseOf(version, ["web"]),
      migrations: expanding(`1_${version}`),
      dependencies: [redis],
      after: (await here.state()).lastChange,
      ...fields,
    });

  it("asks before anything changes and after the release, and a plan shows both", async () => {
    const plan = await makePlan(await candidate("v1"), await readState(context()), context());
    expect(plan.operations.map(({ kind }) => kind)).toEqual([
      ...["check-dependencies", "migrate", "replace-replica", "replace-replica"],
      ...["check-dependencies", "smoke"],
    ]);
    expect(planText(plan, "", { gates: [], evidence: [] })).toContain(
      "1. check dependencies: Redis at REDIS_URL\n",
    );
    await release(await candidate("v1"), context());
    const done = await here.ledger.read({ types: ["operation-finished"] });
    expect(done.map(({ payload }) => (payload as { observed: string }).observed)[0]).toBe(
      "Redis at REDIS_URL: answered",
    );
  });

  it.each([
    { answer: gone, code: "DEPENDENCY_FAILED", exitCode: 1 },
    { answer: unseen, code: "DEPENDENCY_UNKNOWN", exitCode: 3 },
  ])("that finds $answer.verdict before it migrates changes nothing", async ({ answer, code, exitCode }) => {
    await release(await candidate("v1"), context());
    answers = [answer];
    const error = await failureOf(release(await candidate("v2"), context()));
    expect(error).toMatchObject({ code, exitCode });
    expect(error.message).toMatch(/Nothing was changed\.$/);
    expect(here.database.migrations).toEqual(["1_v1"]);
    expect(here.target.serving()).toEqual({ "web/0": "v1", "web/1": "v1" });
    const state = await readState(context());
    expect(state.live?.release.version).toBe("v1");
    expect(state.unsettled).toBeNull();
    expect(historyText(historyOf(state.deployments, []))).toMatch(/v2 +failed, nothing was changed /);
  });

  it.each([gone, unseen])("that finds $verdict after the release goes back", async (answer) => {
    await release(await candidate("v1"), context());
    answers = [pass, answer];
    const error = await failureOf(release(await candidate("v2"), context()));
    expect(error).toMatchObject({ code: "ROLLED_BACK", exitCode: 4 });
    expect(error.message).toContain("v1 is live in local");
    expect(here.target.serving()).toEqual({ "web/0": "v1", "web/1": "v1" });
  });

  it("that finds it after a migration alone says that it went back, not that nothing was changed", async () => {
    await release(await candidate("v1"), context());
    answers = [pass, unseen];
    const again = await candidate("v1", { migrations: expanding("2_more") });
    const error = await failureOf(release(again, context()));
    expect(error).toMatchObject({ code: "ROLLED_BACK", exitCode: 4 });
    expect(here.database.migrations).toEqual(["1_v1", "2_more"]);
  });

  it("that was cut off while it asked asks again when it is resumed", async () => {
    const interrupt = new AbortController();
    const cutting = executors({
      probeDependency: async (_check, { signal }) => {
        interrupt.abort(new Error("SIGINT"));
        signal.throwIfAborted();
        return pass;
      },
    });
    const cut = release(await candidate("v1"), context({ executors: cutting, signal: interrupt.signal }));
    expect(await failureOf(cut)).toMatchObject({ code: "INTERRUPTED", exitCode: 5 });
    expect(here.database.migrations).toEqual([]);
    const outcome = await resume(context(), { answer: null });
    expect(outcome).toMatchObject({ kind: "released" });
    expect(here.target.serving()).toEqual({ "web/0": "v1", "web/1": "v1" });
    const asked = await here.ledger.read({ types: ["operation-started"] });
    const indices = asked.map(({ payload }) => (payload as { index: number }).index);
    expect(indices).toEqual([0, 0, 1, 2, 3, 4, 5]);
  });

  it("needs a value for what it asks with, before anything is begun", async () => {
    const error = await failureOf(release(await candidate("v1"), context({ secrets: {} })));
    expect(error).toMatchObject({ code: "SECRETS_MISSING", exitCode: 2 });
    expect(error.message).toContain("REDIS_URL");
    expect(await here.ledger.read()).toEqual([]);
  });

  it("is not asked on the way back by hand: what is gone from may be why something is missing", async () => {
    await release(await candidate("v1"), context());
    await release(await candidate("v2"), context());
    answers = [gone, gone];
    expect(await rollBack(context(), { reason: "slow" })).toMatchObject({ kind: "released" });
    expect(answers).toHaveLength(2);
  });
});
