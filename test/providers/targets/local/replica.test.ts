import { expect, test, vi } from "vitest";
import { startReplica, type ReplicaHost } from "../../../../src/providers/targets/local/replica.ts";
import type { ReplicaImage, ReplicaProcess } from "../../../../src/providers/targets/local/runner.ts";
import { service } from "./fixtures.ts";

test("a replica that is being started again when it is drained and stopped, leaves no process", async () => {
  const start = vi.fn<ReplicaImage["start"]>();
  const first = fakeProcess();
  start.mockResolvedValueOnce(first);
  const starting = Promise.withResolvers<ReplicaProcess>();
  start.mockReturnValueOnce(starting.promise);

  const replica = await startReplica(definitionOf(start), silentLog(), host);
  replica.keep();
  await first.stop(0);
  await vi.waitFor(
    () => {
      expect(start).toHaveBeenCalledTimes(2);
    },
    { timeout: 10_000 },
  );
  replica.drain();
  const stopped = replica.stop(0);
  const late = fakeProcess();
  const stop = vi.spyOn(late, "stop");
  starting.resolve(late);
  await stopped;
  expect(stop).toHaveBeenCalledOnce();
  expect(replica.identity()).toBeUndefined();
});

test("a replica that is stopped before it is started again, is not", async () => {
  const start = vi.fn<ReplicaImage["start"]>();
  const first = fakeProcess();
  start.mockResolvedValueOnce(first);
  const port = Promise.withResolvers<number>();
  const freePort = vi
    .fn<ReplicaHost["freePort"]>()
    .mockResolvedValueOnce(9)
    .mockReturnValueOnce(port.promise);

  const replica = await startReplica(definitionOf(start), silentLog(), { ...host, freePort });
  replica.keep();
  await first.stop(0);
  await vi.waitFor(
    () => {
      expect(freePort).toHaveBeenCalledTimes(2);
    },
    { timeout: 10_000 },
  );
  const stopped = replica.stop(0);
  port.resolve(9);
  await stopped;
  expect(start).toHaveBeenCalledOnce();
});

/** Nothing listens there. */
const host: ReplicaHost = {
  freePort: () => Promise.resolve(9),
  changed: () => undefined,
  say: () => undefined,
};

function definitionOf(start: ReplicaImage["start"]) {
  return {
    id: "api.0.test",
    index: 0,
    version: "v1",
    service: service(),
    image: { variables: {}, start },
    variables: {},
    fingerprint: "",
    scrub: (text: string) => text,
  } as unknown as Parameters<typeof startReplica>[0];
}

function fakeProcess(): ReplicaProcess {
  const exit = Promise.withResolvers<{ exitCode: number }>();
  return {
    processId: 2 ** 30,
    exited: exit.promise,
    stop: () => {
      exit.resolve({ exitCode: 1 });
      return exit.promise;
    },
  };
}

function silentLog() {
  return { write: vi.fn(), flush: vi.fn(), close: vi.fn() } as unknown as Parameters<typeof startReplica>[1];
}
