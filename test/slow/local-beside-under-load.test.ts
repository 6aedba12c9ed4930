import { expect, test } from "vitest";
import type { TargetOperation } from "../../src/model/target.ts";
import {
  deployed,
  release,
  replicasOf,
  urlOf,
  versionsThatAnswer,
  type TestEnvironment,
} from "../providers/targets/local/fixtures.ts";
import { startLoad } from "../providers/targets/local/load.ts";

const requestsPerSecond = 200;

test("what runs beside is stopped under load, and no request is lost", async () => {
  await using there = await deployed("v1");
  await apply(there, { kind: "start-beside", service: "api", version: "v2", replicas: 2 });
  await weigh(there, 50);
  const load = startLoad(await urlOf(there.target), requestsPerSecond);
  await pause(2_000);
  const stop = { kind: "stop-beside", service: "api" } as const;
  expect((await apply(there, stop)).observed).toBe("what ran beside api was stopped");
  expect(await versionsThatAnswer(there)).toEqual(["v1"]);
  const { failures, versions } = await load.stop();
  expect(failures).toEqual([]);
  expect(versions["v2"]).toBeGreaterThan(50);
  expect((await replicasOf(there.target)).every(({ beside }) => beside === undefined)).toBe(true);
  expect((await apply(there, stop)).observed).toBe("nothing ran beside api");
});

test("switches to and fro, and a take-over after them, lose no request", async () => {
  await using there = await deployed("v1");
  const load = startLoad(await urlOf(there.target), requestsPerSecond);
  await apply(there, { kind: "start-beside", service: "api", version: "v2", replicas: 2 });
  for (const percent of [100, 0, 5, 25, 50, 100, 0, 100]) {
    await weigh(there, percent);
    await pause(300);
  }
  await apply(there, { kind: "take-over", service: "api", version: "v2" });
  expect(await versionsThatAnswer(there)).toEqual(["v2"]);
  const { failures, versions } = await load.stop();
  expect(failures).toEqual([]);
  expect(Object.keys(versions).sort()).toEqual(["v1", "v2"]);
});

test("a rollout by canary is repeated ten times, each with new connections and kept ones, and loses no request", async () => {
  await using there = await deployed("v0");
  const load = startLoad(await urlOf(there.target), requestsPerSecond);
  for (let round = 1; round <= 10; round++) {
    const version = `v${String(round)}`;
    await apply(there, { kind: "start-beside", service: "api", version, replicas: 1 });
    await weigh(there, 20, version);
    await apply(there, { kind: "take-over", service: "api", version });
  }
  const { sent, failures, versions } = await load.stop();
  expect(failures).toEqual([]);
  expect(sent).toBeGreaterThan(1_000);
  expect(versions["v10"]).toBeGreaterThan(0);
}, 180_000);

function apply(there: TestEnvironment, operation: TargetOperation) {
  const version = "version" in operation ? operation.version : "v1";
  return there.target.apply(operation, release(version), there.context());
}

function weigh(there: TestEnvironment, percent: number, version = "v2") {
  return apply(there, { kind: "set-weight", version, services: ["api"], percent, sticky: false });
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
