import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, type TestContext } from "vitest";
import { startPostgres, type RunningPostgres } from "../../src/host/postgres/postgres.ts";
import { systemClock } from "../../src/model/clock.ts";
import { firstBrokenEvent } from "../../src/model/event-chain.ts";
import type { Ledger } from "../../src/model/ledger.ts";
import { openGitLedger } from "../../src/providers/ledgers/git/git.ts";
import { openPostgresLedger } from "../../src/providers/ledgers/postgres/postgres.ts";
import { openSqliteLedger } from "../../src/providers/ledgers/sqlite.ts";
import { note } from "../providers/ledgers/contract.ts";
import type { Answer, ContenderLedger, Order } from "../providers/ledgers/fixtures/contender.ts";
import { startCuttingProxy, type CuttingProxy } from "../support/cutting-proxy.ts";
import {
  gitServerMissing,
  startGitServer,
  type GitHttpServer,
  type RequestFate,
} from "../support/git-http-server.ts";
import { seededRandom } from "../../src/testing/testing.ts";

const token = "the-token-of-git";
const gitMissing = gitServerMissing();
let directory: string;
let postgres: RunningPostgres;
let proxy: CuttingProxy;
let git: GitHttpServer | undefined;
let machines = 0;
const contenders: ChildProcess[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "fairway-ledgers-"));
  // Entered by uid 65534, which root runs the database as.
  await chmod(directory, 0o755);
  await startDatabase();
  proxy = await startCuttingProxy(() => postgres.port);
  if (gitMissing === undefined) git = await startGitServer(token);
});

afterEach(() => {
  for (const contender of contenders.splice(0)) contender.kill("SIGKILL");
  proxy.fate = () => "pass";
});

afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await postgres.stop();
  await git?.[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

/** With everything synced: it is killed below. */
async function startDatabase(port?: number): Promise<void> {
  const dataDirectory = join(directory, "data");
  postgres = await startPostgres({ dataDirectory, ...(port === undefined ? {} : { port }) });
}

async function machine(): Promise<string> {
  machines += 1;
  const own = join(directory, `machine-${String(machines)}`);
  await mkdir(own);
  return own;
}

function gitServer(context: TestContext): GitHttpServer {
  return git ?? context.skip(gitMissing);
}

type Kind = ContenderLedger["kind"];
const kinds: readonly Kind[] = ["sqlite", "postgres", "git"];

/** A ledger that nobody has used, for as many machines as ask. */
async function newLedger(
  kind: Kind,
  context: TestContext,
): Promise<{ config(): Promise<ContenderLedger>; open(): Promise<Ledger> }> {
  const name = `race-${String((machines += 1))}`;
  const path = join(await machine(), "ledger.db");
  if (kind === "sqlite") {
    return { config: async () => ({ kind, path }), open: () => openSqliteLedger(path, systemClock) };
  }
  if (kind === "git") {
    const server = gitServer(context);
    server.create(name);
    const config = async () => ({ kind, url: server.url(name), token, directory: await machine() });
    return { config, open: async () => openGitLedger({ ...(await config()), clock: systemClock }) };
  }
  const url = postgres.url(name);
  await createDatabase(name);
  return { config: async () => ({ kind, url }), open: () => openPostgresLedger({ url, clock: systemClock }) };
}

async function createDatabase(name: string): Promise<void> {
  const { default: pg } = await import("pg");
  const client = new pg.Client({ connectionString: postgres.url() });
  await client.connect();
  await client.query(`CREATE DATABASE "${name}"`);
  await client.end();
}

async function contender(name: string, config: ContenderLedger) {
  const path = join(import.meta.dirname, "../providers/ledgers/fixtures/contender.ts");
  const child = fork(path, [name, JSON.stringify(config)]);
  contenders.push(child);
  await once(child, "message");
  return {
    child,
    ask: async (order: Order): Promise<Answer> => {
      child.send(order);
      const [answer] = (await once(child, "message")) as [Answer];
      return answer;
    },
  };
}

describe.each(kinds)("two deployers with a %s ledger", (kind) => {
  it("race 200 times, and exactly one applies each time", async (context) => {
    const ledger = await newLedger(kind, context);
    const racers = [
      await contender("ada", await ledger.config()),
      await contender("grace", await ledger.config()),
    ];
    const fencingTokens: number[] = [];
    let refused = 0;
    for (let round = 0; round < 200; round += 1) {
      const answers = await Promise.all(
        racers.map((racer) => racer.ask({ apply: `round-${String(round)}` })),
      );
      expect(answers.map(({ code }) => code)).toEqual([null, null]);
      expect(answers.filter(({ applied }) => applied)).toHaveLength(1);
      for (const { fencingToken } of answers) {
        if (fencingToken === null) refused += 1;
        else fencingTokens.push(fencingToken);
      }
    }
    const reader = await ledger.open();
    const applied = await reader.read({ types: ["applied"] });
    expect(applied.map(({ deployment }) => deployment)).toEqual(
      Array.from({ length: 200 }, (_, round) => `round-${String(round)}`),
    );
    expect(firstBrokenEvent(await reader.read())).toBeNull();
    expect(new Set(fencingTokens).size).toBe(fencingTokens.length);
    // Else they did not race.
    expect(refused).toBeGreaterThan(0);
    await reader.close();
  });

  it("cannot move anything after one was paused and the other took its lease", async (context) => {
    const ledger = await newLedger(kind, context);
    const paused = await contender("paused", await ledger.config());
    const taker = await contender("taker", await ledger.config());
    expect((await paused.ask({ hold: { ttlSeconds: 2 } })).fencingToken).toBe(1);
    paused.child.kill("SIGSTOP");
    let fencingToken: number | null = null;
    while (fencingToken === null) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      ({ fencingToken } = await taker.ask({ hold: { ttlSeconds: 30 } }));
    }
    expect(fencingToken).toBe(2);
    paused.child.kill("SIGCONT");
    expect(await paused.ask({ append: "of the paused one" })).toMatchObject({
      applied: false,
      code: "LEASE_LOST",
    });
    expect(await taker.ask({ append: "of the other" })).toMatchObject({ applied: true });
    const reader = await ledger.open();
    const applied = await reader.read({ types: ["applied"] });
    expect(applied.map(({ deployment }) => deployment)).toEqual(["of the other"]);
    await reader.close();
  });
});

/** Fifty handles that each append `count` events, one after the other; every event says whose it is. */
async function writeAtOnce(open: () => Promise<Ledger>, count: number): Promise<void> {
  const ledgers = await Promise.all(Array.from({ length: 50 }, open));
  await Promise.all(
    ledgers.map(async (ledger, writer) => {
      for (let index = 0; index < count; index += 1) {
        await ledger.append({ ...note, payload: { writer, index } });
      }
    }),
  );
  for (const ledger of ledgers) await ledger.close();
}

async function expectAll(ledger: Ledger, count: number): Promise<void> {
  const events = await ledger.read();
  expect(firstBrokenEvent(events)).toBeNull();
  const written = events.map(({ payload }) => payload as { writer: number; index: number });
  for (let writer = 0; writer < 50; writer += 1) {
    const indexes = written.filter((each) => each.writer === writer).map(({ index }) => index);
    expect(indexes).toEqual(Array.from({ length: count }, (_, index) => index));
  }
  expect(events).toHaveLength(50 * count);
  await ledger.close();
}

describe("fifty writers at once, connections cut in the middle, the server restarted", () => {
  it("postgres: no event is lost, none is there twice", async () => {
    await createDatabase("cut");
    const url = postgres.url("cut").replace(`:${String(postgres.port)}/`, `:${String(proxy.port)}/`);
    const open = () => openPostgresLedger({ url, clock: systemClock, patienceSeconds: 60 });
    const random = seededRandom(4);
    const cuts = { "cut-before": 0, "cut-after": 0 };
    proxy.fate = (sent) => {
      const chance = sent.includes("COMMIT") ? 0.05 : 0.01;
      const value = random();
      if (value > 2 * chance) return "pass";
      const fate = value < chance ? "cut-before" : "cut-after";
      cuts[fate] += 1;
      return fate;
    };
    const writing = writeAtOnce(open, 20);
    const { port } = postgres;
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await postgres.stop();
    await startDatabase(port);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    process.kill(postgres.processId, "SIGKILL");
    await postgres.exited;
    await startDatabase(port);
    await writing;
    proxy.fate = () => "pass";
    expect(cuts["cut-before"]).toBeGreaterThan(0);
    expect(cuts["cut-after"]).toBeGreaterThan(0);
    await expectAll(await open(), 20);
  });

  it("git: no event is lost, none is there twice", async (context) => {
    const server = gitServer(context);
    server.create("cut");
    const open = async () =>
      openGitLedger({
        ...{ url: server.url("cut"), token, directory: await machine() },
        ...{ clock: systemClock, patienceSeconds: 120 },
      });
    const random = seededRandom(4);
    const fates: readonly RequestFate[] = [
      "cut before",
      "cut after",
      "cut answer",
      "late",
      500,
      429,
      "cut while sending",
    ];
    const met = new Set<RequestFate>();
    server.fate = (request) => {
      const isPush = request.path.endsWith("/git-receive-pack");
      if (random() > (isPush ? 0.3 : 0.01)) return "answer";
      // What is asked without a body cannot be cut while it is sent.
      const fate = fates[Math.floor(random() * (isPush ? fates.length : fates.length - 1))] ?? "answer";
      if (isPush) met.add(fate);
      return fate;
    };
    const writing = writeAtOnce(open, 2);
    for (const pauseMs of [3000, 3000]) {
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      await server.stop();
      await new Promise((resolve) => setTimeout(resolve, 500));
      await server.start();
    }
    await writing;
    server.fate = () => "answer";
    expect([...met]).toEqual(expect.arrayContaining([...fates]));
    await expectAll(await open(), 2);
  });
});

it("postgres: a process that is paused in the middle of an append stops the others for ten seconds, not for ever", async () => {
  await createDatabase("paused");
  const url = postgres.url("paused");
  const throughProxy = url.replace(`:${String(postgres.port)}/`, `:${String(proxy.port)}/`);
  const paused = await openPostgresLedger({ url: throughProxy, clock: systemClock });
  const other = await openPostgresLedger({ url, clock: systemClock });
  const swallowed = Promise.withResolvers<undefined>();
  proxy.fate = (sent) => {
    if (!sent.includes("INSERT")) return "pass";
    proxy.fate = () => "pass";
    swallowed.resolve(undefined);
    return "swallow";
  };
  const late = paused.append({ ...note, payload: "paused" });
  await swallowed.promise;
  expect((await other.append({ ...note, payload: "other" })).sequence).toBe(1);
  expect((await late).sequence).toBe(2);
  expect((await other.read()).map(({ payload }) => payload)).toEqual(["other", "paused"]);
  await paused.close();
  await other.close();
});
