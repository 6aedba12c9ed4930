import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import {
  startPostgres,
  type PostgresOptions,
  type RunningPostgres,
} from "../../../../src/host/postgres/postgres.ts";
import { createEnvironment, type Environment } from "../../../../src/providers/targets/local/environment.ts";
import { pathsOf } from "../../../../src/providers/targets/local/paths.ts";
import type { ReplicaRunner } from "../../../../src/providers/targets/local/runner.ts";
import { readState } from "../../../../src/providers/targets/local/state.ts";

vi.mock(import("../../../../src/host/postgres/postgres.ts"), async (original) => ({
  ...(await original()),
  startPostgres: vi.fn(),
}));
const start = vi.mocked(startPostgres);

beforeEach(() => {
  start.mockReset();
  start.mockImplementation(fakeStart);
});

test("another major than the environment's database has is refused, until its data is removed", async () => {
  await using place = await emptyPlace();
  const first = await place.supervise();
  await prepare(first, "17");
  const refusal = {
    code: "POSTGRES_VERSION",
    exitCode: 2,
    message: expect.stringMatching(/PostgreSQL 17\b.*PostgreSQL 18\b/) as string,
    remedy: expect.stringContaining("npx fairway down --env staging --remove-data") as string,
  };
  await expect(prepare(first, "18")).rejects.toMatchObject(refusal);
  await first.stop({ fencingToken: 1, removeData: false }, silent);

  const second = await place.supervise();
  await expect(prepare(second, "18")).rejects.toMatchObject(refusal);
  await prepare(second, "17");
  await second.stop({ fencingToken: 1, removeData: true }, silent);

  await prepare(await place.supervise(), "18");
  expect(start.mock.calls.map(([{ major }]) => major)).toEqual(["17", "17", "18"]);
});

test("a database whose server cannot be started again is brought back by the next deploy", async () => {
  await using place = await emptyPlace();
  const environment = await place.supervise();
  const before = await prepare(environment, "18");
  start.mockRejectedValue(new Error("no space left on device"));
  await endServer(0);
  await expect(prepare(environment, "18")).rejects.toThrow("no space left on device");
  expect(environment.snapshot().observation.database).toMatchObject({ running: false });

  start.mockImplementation(fakeStart);
  expect(await prepare(environment, "18")).toEqual(before);
  expect(environment.snapshot().observation.database).toMatchObject({ running: true });
});

test("a server that is being started again when its environment is stopped, is stopped", async () => {
  await using place = await emptyPlace();
  const environment = await place.supervise();
  await prepare(environment, "18");
  const starting = Promise.withResolvers<RunningPostgres>();
  start.mockReturnValueOnce(starting.promise);
  await endServer(0);
  await vi.waitFor(() => {
    expect(start).toHaveBeenCalledTimes(2);
  });
  const stopped = environment.stop({ fencingToken: 1, removeData: true }, silent);
  // Until it has reached the database.
  await new Promise(setImmediate);
  const late = fakeServer("18", 5432);
  const stop = vi.spyOn(late, "stop");
  starting.resolve(late);
  await stopped;
  expect(stop).toHaveBeenCalledOnce();
});

test("data that was there and is gone is not replaced by an empty database, until that is asked for", async () => {
  await using place = await emptyPlace();
  const first = await place.supervise();
  await prepare(first, "18");
  await first.stop({ fencingToken: 1, removeData: false }, silent);
  const lostData = join(place.directory, "postgres", "18");
  await rm(lostData, { recursive: true });

  const second = await place.supervise();
  expect(second.snapshot().observation.database).toEqual({ running: false, version: "18", lostData });
  await expect(prepare(second, "18")).rejects.toMatchObject({
    code: "DATABASE_LOST",
    exitCode: 3,
    place: lostData,
    remedy: expect.stringContaining("npx fairway down --env staging --remove-data") as string,
  });
  expect(start).toHaveBeenCalledOnce();

  await second.stop({ fencingToken: 1, removeData: true }, silent);
  await prepare(await place.supervise(), "18");
});

test("data that goes while its server runs is not replaced by an empty database when that ends", async () => {
  await using place = await emptyPlace();
  const said: string[] = [];
  const environment = await place.supervise((line) => said.push(line));
  await prepare(environment, "18");
  await rm(join(place.directory, "postgres"), { recursive: true });
  await endServer(0);
  await vi.waitFor(() => {
    expect(said.join("\n")).toContain("the data of staging's database is gone");
  });
  expect(start).toHaveBeenCalledOnce();
  await environment.stop({ fencingToken: 1, removeData: true }, silent);
});

function prepare(environment: Environment, postgres: string) {
  return environment.prepare({ fencingToken: 1, needs: { services: [], postgres } }, silent);
}

async function emptyPlace() {
  const directory = await mkdtemp(join(tmpdir(), "fairway-database-"));
  const paths = pathsOf(directory);
  return {
    directory: paths.root,
    supervise: async (say: (line: string) => void = silent) => {
      const state = await readState(paths.state, "staging");
      return createEnvironment({ paths, state, runner: {} as ReplicaRunner, say });
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

/** Ends the server that was started as number `index`, by itself. */
async function endServer(index: number): Promise<void> {
  const server = await (start.mock.results[index]?.value as Promise<RunningPostgres>);
  await server.stop();
}

async function fakeStart({ dataDirectory, major, port }: PostgresOptions): Promise<RunningPostgres> {
  await mkdir(dataDirectory, { recursive: true });
  await writeFile(join(dataDirectory, "PG_VERSION"), `${major ?? ""}\n`);
  return fakeServer(major, port);
}

function fakeServer(version = "", port = 5432): RunningPostgres {
  const exit = Promise.withResolvers<undefined>();
  return {
    version,
    port,
    url: () => `postgresql://postgres@127.0.0.1:${String(port)}/app`,
    exited: exit.promise as Promise<unknown>,
    stop: () => {
      exit.resolve(undefined);
      return exit.promise;
    },
  } as unknown as RunningPostgres;
}

function silent(): void {
  // Nobody listens.
}
