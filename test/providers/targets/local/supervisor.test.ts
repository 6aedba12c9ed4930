import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { endedWithin, identityOf } from "../../../../src/host/processes/processes.ts";
import { pathsOf } from "../../../../src/providers/targets/local/paths.ts";
import {
  deployed,
  killSupervisor,
  needs,
  processTarget,
  release,
  replaceOperation,
  replicasOf,
  startCommand,
  testEnvironment,
  until,
  urlOf,
  versionsThatAnswer,
} from "./fixtures.ts";

test("nothing runs, nothing is started and nothing is written by looking", async () => {
  await using environment = await testEnvironment();
  expect(await environment.target.observe()).toMatchObject({ services: [], database: null });
  expect(await environment.target.urls()).toEqual({});
  await environment.target.stop(environment.context(), { removeData: false });
  await expect(readFile(join(environment.directory, "state", "state.json"))).rejects.toThrow(/ENOENT/);
});

test("when the supervisor was killed, what is left is told, and the next start ends it", async () => {
  await using environment = await deployed("v1");
  const { target } = environment;
  const before = await replicasOf(target);
  await killSupervisor(join(environment.directory, "state"));

  const [service] = (await target.observe()).services;
  // Plain processes stay; replicas in a sandbox end with the supervisor.
  expect(service?.url).toBeNull();
  expect(service?.replicas.map(({ processId, inRotation }) => ({ processId, inRotation }))).toEqual(
    before.map(({ processId }) => ({ processId, inRotation: false })),
  );
  expect(await target.urls()).toEqual({});

  const left = before.map((replica) => identityOf(replica.processId));
  const { urls } = await target.prepare(environment.context(), needs);
  for (const identity of left) if (identity !== undefined) expect(await endedWithin(identity, 0)).toBe(true);
  expect((await fetch(String(urls["api"]))).status).toBe(503);
  await target.apply(replaceOperation("v1"), release("v1"), environment.context());
  expect(await versionsThatAnswer(environment)).toEqual(["v1"]);
});

test("a supervisor whose directory was removed ends by itself, with its replicas, and leaves nothing there", async () => {
  await using environment = await deployed("v1");
  const left = (await replicasOf(environment.target)).map((replica) => identityOf(replica.processId));
  const state = join(environment.directory, "state");
  await rm(state, { recursive: true });
  for (const identity of left)
    if (identity !== undefined) expect(await endedWithin(identity, 20_000)).toBe(true);
  await expect(readdir(state)).rejects.toThrow(/ENOENT/);
});

test("a supervisor of a deep directory leaves nothing among the temporary files", async () => {
  const directory = await mkdtemp(join(tmpdir(), "fairway-local-"));
  try {
    const state = join(directory, "deep".repeat(25), "state");
    const target = await processTarget(state);
    const context = { fencingToken: 1, operationId: "1", secrets: {}, signal: AbortSignal.timeout(60_000) };
    await target.prepare({ ...context, report: () => undefined }, needs);
    const socket = dirname(pathsOf(state).socket);
    expect(socket.startsWith(state)).toBe(false);
    expect(await readdir(socket)).toEqual(["control.sock"]);
    await target.stop({ ...context, operationId: "2", report: () => undefined }, { removeData: true });
    await until(() => Promise.resolve(!existsSync(socket)));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

test("a deploy into a directory that was removed and made anew has its address again", async (context) => {
  await using environment = await deployed("v1");
  const before = await urlOf(environment.target);
  const left = (await replicasOf(environment.target)).map((replica) => identityOf(replica.processId));
  await rm(join(environment.directory, "state"), { recursive: true });
  const anew = await environment.another();
  const { urls } = await anew.prepare(environment.context(), needs);
  for (const identity of left) if (identity !== undefined) expect(await endedWithin(identity, 0)).toBe(true);
  if (environment.reports.some((line) => line.includes("taken by another process")))
    return context.skip("another process took the port in between");
  expect(urls["api"]).toBe(before);
  await anew.apply(replaceOperation("v2"), release("v2"), environment.context());
  expect(await versionsThatAnswer(environment)).toEqual(["v2"]);
});

test("a service keeps its address over stops and starts", async (context) => {
  await using environment = await deployed("v1");
  const before = await urlOf(environment.target);
  await environment.target.stop(environment.context(), { removeData: false });
  expect(await environment.target.observe()).toMatchObject({ services: [], database: null });
  await expect(fetch(before)).rejects.toThrow();
  await environment.target.prepare(environment.context(), needs);
  if (environment.reports.some((line) => line.includes("taken by another process")))
    return context.skip("another process took the port in between, and the user was told");
  expect(await urlOf(environment.target)).toBe(before);
});

test("a command that is killed in the middle of a replacement leaves one replica a slot, and all of them serve", async () => {
  await using environment = await deployed("v1");
  const command = startCommand(join(environment.directory, "state"), "v2");
  await command.says("prepared");
  await until(async () => (await replicasOf(environment.target)).length === 3);
  await command.kill();
  // The next one waits for what the supervisor has begun.
  const result = await environment.target.apply(replaceOperation("v2"), release("v2"), environment.context());
  expect(result.observed).toContain("was ready already");
  expect((await replicasOf(environment.target)).map(({ index, version }) => ({ index, version }))).toEqual([
    { index: 0, version: "v2" },
    { index: 1, version: "v1" },
  ]);
});

test("many commands that start at once find one supervisor", async () => {
  await using environment = await testEnvironment();
  const targets = await Promise.all(Array.from({ length: 4 }, () => environment.another()));
  const prepared = await Promise.all(targets.map((target) => target.prepare(environment.context(), needs)));
  expect(new Set(prepared.map(({ urls }) => urls["api"])).size).toBe(1);
});

test("the environment's database is there for replicas and migrations, and stays until its data is removed", async () => {
  await using environment = await testEnvironment();
  const withDatabase = { ...needs, postgres: "18" };
  const first = await environment.target.prepare(environment.context(), withDatabase);
  expect(first.databaseUrl).toMatch(/^postgresql:\/\/postgres:[^@]+@127\.0\.0\.1:\d+\/app$/);
  expect((await environment.target.observe()).database).toMatchObject({ running: true });
  const again = await environment.target.prepare(environment.context(), withDatabase);
  expect(again).toEqual(first);
  await environment.target.stop(environment.context(), { removeData: false });
  const later = await environment.target.prepare(environment.context(), withDatabase);
  expect(later.databaseUrl).toBe(first.databaseUrl);
  await environment.target.stop(environment.context(), { removeData: true });
  const fresh = await environment.target.prepare(environment.context(), withDatabase);
  expect(fresh.databaseUrl).not.toBe(first.databaseUrl);
});
