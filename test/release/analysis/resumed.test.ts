import { beforeEach, expect, it } from "vitest";
import type { Json } from "../../../src/model/canonical-json.ts";
import { failure } from "../../../src/model/errors.ts";
import type { Ledger, LedgerEvent } from "../../../src/model/ledger.ts";
import type { AnalysisRecord, LimitVerdict } from "../../../src/model/metric.ts";
import type { AnalyseOperation } from "../../../src/model/plan.ts";
import type { EventPayloads } from "../../../src/release/journal.ts";
import { readState, release, resume, type ReleaseContext } from "../../../src/release/release.ts";
import { deploymentFindings } from "../../../src/release/verify/verify.ts";
import { deriveRecord, recordHtml } from "../../../src/report/record/record.ts";
import {
  type Behaviour,
  eventClock,
  type EventClock,
  memoryLedger,
  releaseContext,
  releaseOf,
  simulatedTarget,
  type SimulatedTarget,
  withVisitors,
} from "../../../src/testing/testing.ts";
import { failureOf } from "../../support/failure-of.ts";

let clock: EventClock;
let ledger: Ledger;
let target: SimulatedTarget;
let behaviour: Behaviour;

const good: Behaviour = { errors: 0.001, median: 50 };

beforeEach(() => {
  clock = eventClock();
  ledger = memoryLedger(clock);
  target = simulatedTarget();
  behaviour = good;
});

function context(fields: Partial<ReleaseContext> = {}): ReleaseContext {
  return releaseContext({
    ...{ ledger, target, clock },
    strategy: {
      ...{ kind: "canary", weights: [10, 100], sticky: false, holdSeconds: 300 },
      limits: [
        { services: null, limit: { metric: "error-rate", source: null, bound: { maxIncreasePoints: 0.5 } } },
      ],
      analysis: {
        ...{ alpha: 0.01, power: 0.9, expected: 0.001, atLeast: 100, whenInsufficient: "hold" },
        ...{ lookSeconds: 30, failedLooks: 1, sourceErrors: 4, extendSeconds: 300 },
      },
    },
    ...fields,
  });
}

async function rollOut(perSecond: number, where = context()): Promise<unknown> {
  withVisitors(target, clock, {
    perSecond,
    behaviour: (version) => (version === "2222222" ? behaviour : good),
  });
  await deploy("1111111", context());
  await clock.sleep(600_000);
  return deploy("2222222", where);
}

async function deploy(version: string, where: ReleaseContext) {
  const state = await readState({ ledger, environment: "local" });
  const candidate = { migrations: [], smoke: [], tags: [], standIns: [], after: state.lastChange };
  return release({ ...candidate, release: releaseOf(version, ["api"]) }, where);
}

/** Dies at its so-manieth look, once that is written down: nothing that it asks is answered any more. */
function dyingAtLook(count: number): Ledger {
  let looks = 0;
  const isDead = () => looks >= count;
  const dead = () => new Promise<never>(() => undefined);
  return {
    ...ledger,
    append: async (event, lease) => {
      if (isDead()) return dead();
      const written = await ledger.append(event, lease);
      if (event.type === "analysis-looked") looks += 1;
      return isDead() ? dead() : written;
    },
    renew: (lease, ttl) => (isDead() ? dead() : ledger.renew(lease, ttl)),
  };
}

/** The process is gone, and its lease too. */
async function killedAtLook(count: number): Promise<void> {
  void rollOut(100, context({ ledger: dyingAtLook(count) })).catch(() => undefined);
  const looks = () => ledger.read({ environment: "local", types: ["analysis-looked"] });
  while ((await looks()).length < count) await clock.sleep(10_000);
  await clock.sleep(60_000);
}

const events = () => ledger.read({ environment: "local" });

async function analyses(): Promise<readonly AnalysisRecord[]> {
  return (await events()).flatMap(({ payload }) => {
    const { analysis } = payload as unknown as { analysis?: AnalysisRecord };
    return analysis === undefined ? [] : [analysis];
  });
}

/** What the looks of each record have spent. */
const spent = ({ looks }: AnalysisRecord) => looks.at(-1)?.spent[0] ?? 0;

it("what was looked at before a kill -9 is known after it, and what that has spent is not spent again", async () => {
  await killedAtLook(5);
  expect(await analyses()).toEqual([]);
  const lost = (await events()).flatMap(({ payload }) => (payload as unknown as EventPayloads).look ?? []);
  expect(lost).toHaveLength(5);
  const before = lost.at(-1)?.spent[0] ?? 0;
  expect(before).toBeGreaterThan(0);

  expect(await resume(context(), { answer: null })).toMatchObject({ kind: "released" });
  const [record] = await analyses();
  const { alpha = 1 } = record?.verdicts[0]?.rule ?? {};
  expect(before + alpha).toBeLessThan(0.01);
  expect(deploymentFindings(await events())).toEqual([]);
});

it("a hold that is sent on looking again and again never spends more than the step may", async () => {
  await failureOf(rollOut(0.4));
  for (let tried = 1; tried < 6; tried += 1) {
    expect(await failureOf(resume(context(), { answer: "not done" }))).toMatchObject({
      code: "REVIEW_NEEDED",
    });
  }
  const records = await analyses();
  expect(records.map(({ ending }) => ending)).toEqual(Array.from({ length: 6 }, () => "insufficient"));
  const alphas = records.map(({ verdicts }) => verdicts[0]?.rule.alpha ?? 1);
  expect(alphas).toEqual(alphas.toSorted((one, other) => other - one));
  expect(records.reduce((sum, record) => sum + spent(record), 0)).toBeLessThan(0.01 + 6 * 1e-8);
  expect(alphas[1]).toBeLessThan(0.001);
  expect(deploymentFindings(await events())).toEqual([]);
});

it("a disaster is called one in the fifth try too", async () => {
  await failureOf(rollOut(0.4));
  for (let tried = 1; tried < 4; tried += 1) await failureOf(resume(context(), { answer: "not done" }));
  behaviour = { ...good, errors: 0.9 };
  expect(await failureOf(resume(context(), { answer: "not done" }))).toMatchObject({ code: "ROLLED_BACK" });
  expect((await analyses()).at(-1)?.ending).toBe("fail");
});

it("whoever says that less was spent, or more may be, is named by verify", async () => {
  await killedAtLook(5);
  await resume(context(), { answer: null });
  const all = await events();
  const whys = (change: (event: LedgerEvent) => LedgerEvent) =>
    deploymentFindings(all.map(change)).map(({ why }) => why);
  const withPayload = (event: LedgerEvent, fields: Record<string, unknown>): LedgerEvent => ({
    ...event,
    payload: { ...(event.payload as Record<string, Json>), ...fields } as Json,
  });
  const isLost = ({ type, sequence }: LedgerEvent) =>
    type === "analysis-looked" &&
    sequence < all.find((event) => event.type === "deployment-resumed")!.sequence;
  expect(whys((event) => (isLost(event) ? { ...event, type: "anything" } : event))).toContain(
    "the verdict on error-rate of api is by another rule than its plan's",
  );
  const freshAlpha = (verdict: LimitVerdict) => ({ ...verdict, rule: { ...verdict.rule, alpha: 0.01 } });
  expect(
    whys((event) => {
      const { analysis } = event.payload as unknown as { analysis?: AnalysisRecord };
      if (analysis === undefined) return event;
      return withPayload(event, { analysis: { ...analysis, verdicts: analysis.verdicts.map(freshAlpha) } });
    }),
  ).toContain("the verdict on error-rate of api is by another rule than its plan's");
  expect(
    whys((event) =>
      event.type === "analysis-looked" && !isLost(event) ? { ...event, type: "other" } : event,
    ),
  ).toContain("its looks are not those that were written down one by one");
});

it("the change record draws the looks of what was cut off, and of what came after it", async () => {
  await killedAtLook(5);
  await resume(context(), { answer: null });
  const all = await events();
  const page = recordHtml(deriveRecord(all, "local-2", all[0]!.hash)!);
  const [, looks = "0"] = /(\d+) looks in words/.exec(page) ?? [];
  const [record] = await analyses();
  expect(Number(looks)).toBe(5 + (record?.looks.length ?? 0));
  expect(page).toContain(">cut off<");
});

it("a ledger that is away for a moment when a look is written down ends nothing", async () => {
  let away = 3;
  let lost = 0;
  const busy: Ledger = {
    ...ledger,
    append: async (event, lease) => {
      if (event.type !== "analysis-looked" || away === 0) return ledger.append(event, lease);
      away -= 1;
      // It was written, and the answer got lost.
      if (away === 1) await ledger.append(event, lease);
      lost += 1;
      throw failure("the ledger does not answer", { code: "LEDGER_UNREACHABLE" });
    },
  };
  expect(await rollOut(100, context({ ledger: busy }))).toMatchObject({ kind: "released" });
  expect(lost).toBe(3);
  expect(deploymentFindings(await events())).toEqual([]);
});

it("a source that never answers leaves an analysis as any other, with looks that saw nothing", async () => {
  target.traffic = () => Promise.reject(failure("the counters are away", { code: "METRIC_UNREADABLE" }));
  await deploy("1111111", context());
  expect(await failureOf(deploy("2222222", context()))).toMatchObject({ code: "REVIEW_NEEDED", exitCode: 3 });
  const [record] = await analyses();
  expect(record).toMatchObject({ ending: "insufficient", because: "the counters are away", percent: 10 });
  expect(record?.baseline).toEqual({ api: "1111111" });
  expect(record?.looks.map(({ limits }) => limits)).toEqual([[null], [null], [null], [null]]);
  expect(deploymentFindings(await events())).toEqual([]);
  const all = await events();
  const page = recordHtml(deriveRecord(all, "local-2", all[0]!.hash)!);
  expect(page).toContain("the counters are away");
  expect((page.match(/>insufficient</g) ?? []).length).toBeGreaterThan(0);
  expect(((await readState(context())).unsettled?.plan.operations ?? []).some(isAnalysis)).toBe(true);
});

function isAnalysis(operation: { readonly kind: string }): operation is AnalyseOperation {
  return operation.kind === "analyse";
}
