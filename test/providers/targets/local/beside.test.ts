import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import type { ServiceRelease } from "../../../../src/model/plan.ts";
import type { OperationContext, Target, TargetOperation } from "../../../../src/model/target.ts";
import { isFree } from "../../../../src/host/processes/ports.ts";
import { currentAmong } from "../../../../src/release/plan/plan.ts";
import { rollOut } from "../../../../src/release/strategies/strategies.ts";
import {
  deployed,
  killSupervisor,
  needs,
  release,
  replicasOf,
  service,
  until,
  urlOf,
  versionsThatAnswer,
  type Answer,
  type TestEnvironment,
} from "./fixtures.ts";
import { startLoad } from "./load.ts";

test.concurrent(
  "what runs beside answers at the idle address alone, and is counted among nobody's requests",
  async () => {
    await using there = await deployed("v1");
    const { target } = there;
    expect(target.capabilities).toEqual(["beside", "weights"]);
    const { observed } = await startBeside(there, 1);
    expect(observed).toBe("1 of api at v2 are ready beside what serves");
    expect(await beside(target)).toMatchObject([
      { index: 0, version: "v2", state: "ready", inRotation: false },
    ]);
    expect(await versionsThatAnswer(there)).toEqual(["v1"]);
    expect(await versionAt(await idleUrlOf(target))).toBe("v2");
    const check = { service: "api", path: "/", status: 200, contains: '"version":"v2"' };
    await target.smoke([check], there.context(), "beside");
    await expect(
      target.smoke([{ ...check, contains: '"version":"v1"' }], there.context()),
    ).resolves.toBeDefined();
    const counted = async () =>
      ((await target.traffic?.()) ?? []).map(({ origin, version, requests }) => [origin, version, requests]);
    await expect.poll(counted, late).toEqual([
      ["visitors", "v1", 12],
      ["fairway", "v1", 1],
      ["visitors", "v2", 0],
    ]);

    // More of them, and those that were there stay.
    const [first] = await beside(target);
    await startBeside(there, 2);
    const [same, second] = await beside(target);
    expect([same?.processId, second?.index]).toEqual([first?.processId, 1]);
    const lines: string[] = [];
    for await (const { version, index, state } of target.logs({}))
      lines.push(`${version} ${String(index)} ${String(state)}`);
    expect([...new Set(lines)].sort()).toEqual(["v1 0 serving", "v1 1 serving", "v2 0 ready", "v2 1 ready"]);
  },
);

test.concurrent(
  "a weight gives its share, a switch all of it, and both are taken back at once",
  async ({ expect }) => {
    await using there = await deployed("v1");
    const { target } = there;
    await startBeside(there, 2);
    await weigh(there, 25);
    expect(await weightOf(target)).toEqual({ version: "v2", percent: 25, sticky: false });
    expect((await beside(target)).map(({ inRotation }) => inRotation)).toEqual([true, true]);
    expect(await shares(target, 100)).toEqual({ v1: 75, v2: 25 });
    await weigh(there, 100);
    expect(await shares(target, 20)).toEqual({ v2: 20 });
    const { observed } = await weigh(there, 0);
    expect(observed).toBe("no visitor of api gets v2");
    expect(await weightOf(target)).toBeUndefined();
    expect(await shares(target, 20)).toEqual({ v1: 20 });
    await expect
      .poll(async () => ((await target.traffic?.()) ?? []).map((one) => one.requests), late)
      .toEqual([95, 45]);

    await expect(
      apply(there, { kind: "set-weight", version: "v3", services: ["api"], percent: 5, sticky: false }),
    ).rejects.toMatchObject({ code: "SIDE_NOT_READY" });
    const both = {
      kind: "set-weight",
      version: "v2",
      services: ["api", "web"],
      percent: 5,
      sticky: false,
    } as const;
    await expect(apply(there, both)).rejects.toMatchObject({ code: "SIDE_NOT_READY", exitCode: 1 });
    expect(await weightOf(target)).toBeUndefined();
    await expect(
      apply(there, { kind: "stop-beside", service: "api" }, {}, { fencingToken: 0 }),
    ).rejects.toMatchObject({ code: "LEASE_LOST" });
  },
);

test("a canary takes over under load, from its first replica to the last drained one, and no request is lost", async () => {
  await using there = await deployed("v1");
  const { target } = there;
  const load = startLoad(await urlOf(target), 150);
  await startBeside(there, 1);
  await weigh(there, 25);
  await new Promise((resolve) => setTimeout(resolve, 800));
  const [canary] = await beside(target);
  const { observed } = await apply(there, { kind: "take-over", service: "api", version: "v2" });
  expect(observed).toBe("api: 2 replicas of v2 have the slots");
  const replicas = await replicasOf(target);
  expect(await versionsThatAnswer(there)).toEqual(["v2"]);
  const { sent, failures, versions } = await load.stop();
  expect(failures).toEqual([]);
  expect(sent).toBeGreaterThan(300);
  expect(Object.keys(versions).sort()).toEqual(["v1", "v2"]);

  expect(
    replicas.map(({ index, version, inRotation, beside: side }) => [index, version, inRotation, side]),
  ).toEqual([
    [0, "v2", true, undefined],
    [1, "v2", true, undefined],
  ]);
  expect(replicas[0]?.processId).toBe(canary?.processId);
  expect(await weightOf(target)).toBeUndefined();
  expect((await fetch(await idleUrlOf(target))).status).toBe(503);
  const again = await apply(there, { kind: "take-over", service: "api", version: "v2" });
  expect(again.observed).toBe("api: v2 had the slots already");
  expect(await replicasOf(target)).toEqual(replicas);
});

test.concurrent(
  "a canary that dies costs nobody an answer, is seen to be gone, and is started again",
  async () => {
    await using there = await deployed("v1");
    const { target } = there;
    await startBeside(there, 1);
    await weigh(there, 100);
    const [victim] = await beside(target);
    process.kill(victim?.processId ?? 0, "SIGKILL");
    expect(Object.keys(await shares(target, 20))).toEqual(["v1"]);
    await until(async () => {
      const [replica] = await beside(target);
      return replica?.processId !== victim?.processId && replica?.state === "ready";
    });
    expect(await shares(target, 20)).toEqual({ v2: 20 });
  },
);

test.concurrent(
  "a start that is interrupted leaves what serves alone, and another version's side gives way",
  async () => {
    await using there = await deployed("v1");
    const { target } = there;
    await startBeside(there, 1);
    const interrupt = new AbortController();
    const broken = service({ variables: { BEHAVIOUR: "never-ready" } });
    const start = { kind: "start-beside", service: "api", version: "v3", replicas: 1 } as const;
    const started = apply(there, start, broken, { signal: interrupt.signal });
    await until(async () => (await beside(target)).some(({ version }) => version === "v3"));
    interrupt.abort();
    await expect(started).rejects.toMatchObject({
      code: "REPLICA_ABORTED",
      message: expect.stringMatching(/; v1 is untouched$/) as string,
    });
    expect(await beside(target)).toEqual([]);
    expect(await versionsThatAnswer(there)).toEqual(["v1"]);
  },
);

test.concurrent(
  "a take-over that is interrupted before it is complete changes nothing for visitors",
  async () => {
    await using there = await deployed("v1");
    const { target } = there;
    await startBeside(there, 1);
    await weigh(there, 25);
    const interrupt = new AbortController();
    const taken = apply(
      there,
      { kind: "take-over", service: "api", version: "v2" },
      { replicas: 3 },
      { signal: interrupt.signal },
    );
    const refused = expect(taken).rejects.toMatchObject({ code: "REPLICA_ABORTED" });
    await until(async () => (await replicasOf(target)).length > 3);
    interrupt.abort();
    await refused;
    expect(await shares(target, 40)).toEqual({ v1: 30, v2: 10 });
  },
);

test.concurrent(
  "a supervisor that was killed comes back without a side, without its weight, and with its idle address",
  async () => {
    await using there = await deployed("v1");
    const { target } = there;
    await startBeside(there, 1);
    await weigh(there, 50);
    const idle = await idleUrlOf(target);
    const state = `${there.directory}/state`;
    expect(JSON.parse(await readFile(`${state}/state.json`, "utf8"))).toMatchObject({
      idlePorts: { api: Number(new URL(idle).port) },
    });
    await killSupervisor(state);
    expect((await target.observe()).services.every(({ weight }) => weight === undefined)).toBe(true);
    await target.prepare(there.context(), needs);
    expect(await replicasOf(target)).toEqual([]);
    expect(await weightOf(target)).toBeUndefined();
    expect(await idleUrlOf(target)).toBe(idle);
    expect((await fetch(idle)).status).toBe(503);
    await startBeside(there, 1);
    await expect(weigh(there, 50)).rejects.toMatchObject({
      code: "SIDE_NOT_READY",
      message: expect.stringContaining("nothing of api serves") as string,
    });
  },
);

test.concurrent(
  "a rolling update leads away from what another rollout left beside; and down leaves nothing",
  async () => {
    await using there = await deployed("v1");
    const { target } = there;
    await startBeside(there, 1);
    await weigh(there, 10);
    const v1 = release("v1");
    const isCurrent = currentAmong(new Map([["v1", v1]]));
    const steps = rollOut({
      release: v1,
      observed: await target.observe(),
      rollout: "by replica",
      isCurrent,
    });
    expect(steps.at(-1)).toEqual({ kind: "stop-beside", service: "api" });
    expect(steps.some(({ kind }) => kind === "replace-replica")).toBe(false);
    const [left] = await beside(target);
    const idle = new URL(await idleUrlOf(target));
    await target.stop(there.context(), { removeData: true });
    expect(() => process.kill(left?.processId ?? 0, 0)).toThrow("ESRCH");
    expect(await isFree(Number(idle.port))).toBe(true);
  },
);

/** Who asked is looked up now and then: counts come after the answers. */
const late = { timeout: 30_000 };

async function apply(
  there: TestEnvironment,
  operation: TargetOperation,
  overrides: Partial<ServiceRelease> = {},
  context: Partial<OperationContext> = {},
) {
  const version = "version" in operation ? operation.version : "v1";
  return there.target.apply(operation, release(version, service(overrides)), there.context(context));
}

function startBeside(there: TestEnvironment, replicas: number) {
  return apply(there, { kind: "start-beside", service: "api", version: "v2", replicas });
}

function weigh(there: TestEnvironment, percent: number) {
  return apply(there, { kind: "set-weight", version: "v2", services: ["api"], percent, sticky: false });
}

async function beside(target: Target) {
  return (await replicasOf(target)).filter((replica) => replica.beside === true);
}

async function apiOf(target: Target) {
  return (await target.observe()).services.find(({ name }) => name === "api");
}

async function weightOf(target: Target) {
  return (await apiOf(target))?.weight;
}

async function idleUrlOf(target: Target): Promise<string> {
  return (await apiOf(target))?.idleUrl ?? "";
}

async function versionAt(url: string): Promise<string> {
  return ((await (await fetch(url)).json()) as Answer).version;
}

/** How often each version answers at the public address. */
async function shares(target: Target, requests: number): Promise<Record<string, number>> {
  const url = await urlOf(target);
  const counts: Record<string, number> = {};
  for (let count = 0; count < requests; count++) {
    const version = await versionAt(url);
    counts[version] = (counts[version] ?? 0) + 1;
  }
  return counts;
}
