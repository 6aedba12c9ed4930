import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startPostgres, type RunningPostgres } from "../../../src/host/postgres/postgres.ts";
import { systemClock } from "../../../src/model/clock.ts";
import { firstBrokenEvent } from "../../../src/model/event-chain.ts";
import type { Ledger } from "../../../src/model/ledger.ts";
import { openPostgresLedger } from "../../../src/providers/ledgers/postgres/postgres.ts";
import { startCuttingProxy, type CuttingProxy } from "../../support/cutting-proxy.ts";
import { granted, ledgerContract, note } from "./contract.ts";

let directory: string;
let server: RunningPostgres;
let proxy: CuttingProxy;
let schemas = 0;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "fairway-ledger-postgres-"));
  // Entered by uid 65534, which root runs it as.
  await chmod(directory, 0o755);
  await start();
  proxy = await startCuttingProxy(() => server.port);
});

afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await server.stop();
  await rm(directory, { recursive: true });
});

async function start(port?: number): Promise<void> {
  server = await startPostgres({
    dataDirectory: join(directory, "data"),
    password: "pass word/word",
    template: true,
    ...(port === undefined ? {} : { port }),
  });
}

function newSchema(): string {
  schemas += 1;
  return `ledger_${String(schemas)}`;
}

function open(schema: string, port = server.port, patienceSeconds = 20): Promise<Ledger> {
  const url = server.url().replace(`:${String(server.port)}/`, `:${String(port)}/`);
  return openPostgresLedger({ url, clock: systemClock, schema, patienceSeconds });
}

async function sql(text: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: server.url() });
  await client.connect();
  try {
    return await client.query(text);
  } finally {
    await client.end();
  }
}

ledgerContract(
  "postgres",
  async () => {
    const schema = newSchema();
    return {
      open: () => open(schema),
      elapse: async (seconds) => {
        const ago = `interval '${String(seconds)} seconds'`;
        await sql(`UPDATE ${schema}.leases SET expires_at = expires_at - ${ago}`);
      },
      remove: async () => void (await sql(`DROP SCHEMA IF EXISTS ${schema} CASCADE`)),
    };
  },
  { writers: 40 },
);

it("makes its tables once when fifty open it at once", async () => {
  const schema = newSchema();
  const ledgers = await Promise.all(Array.from({ length: 50 }, () => open(schema)));
  for (const ledger of ledgers) await ledger.close();
  expect((await sql(`SELECT version FROM ${schema}.migrations`)).rows).toEqual([{ version: 1 }]);
});

it("does not depend on the server's default of isolation", async () => {
  const schema = newSchema();
  const url = `${server.url()}?options=-c%20default_transaction_isolation%3Drepeatable%5C%20read`;
  const open = () => openPostgresLedger({ url, clock: systemClock, schema });
  const ledgers = await Promise.all(Array.from({ length: 10 }, open));
  await Promise.all(ledgers.map((ledger) => ledger.append(note)));
  const ask = { environment: "local", holder: "ada", purpose: "test", ttlSeconds: 30 };
  const answers = await Promise.all(ledgers.map((ledger) => ledger.acquire(ask)));
  expect(answers.filter((answer) => answer.granted)).toHaveLength(1);
  expect(firstBrokenEvent(await ledgers[0]!.read())).toBeNull();
  for (const ledger of ledgers) await ledger.close();
});

it("refuses to change or remove an event, or to forget a fencing token", async () => {
  const schema = newSchema();
  await using ledger = closing(await open(schema));
  await ledger.append(note);
  granted(await ledger.acquire({ environment: "local", holder: "ada", purpose: "test", ttlSeconds: 30 }));
  await expect(sql(`UPDATE ${schema}.events SET actor = 'mallory'`)).rejects.toThrow("append-only");
  await expect(sql(`DELETE FROM ${schema}.events`)).rejects.toThrow("append-only");
  await expect(sql(`TRUNCATE ${schema}.events`)).rejects.toThrow("append-only");
  await expect(sql(`UPDATE ${schema}.leases SET fencing_token = 0`)).rejects.toThrow("only grow");
  await expect(sql(`DELETE FROM ${schema}.leases`)).rejects.toThrow("only grow");
});

it("shows which event was tampered with by somebody who removed that guard", async () => {
  const schema = newSchema();
  await using ledger = closing(await open(schema));
  for (let count = 0; count < 3; count += 1) await ledger.append(note);
  await sql(`DROP TRIGGER events_are_not_changed ON ${schema}.events;
             UPDATE ${schema}.events SET actor = 'mallory' WHERE sequence = 2`);
  expect(firstBrokenEvent(await ledger.read())?.sequence).toBe(2);
});

it.each(["cut-before", "cut-after"] as const)(
  "writes an event once when the connection is %s the commit",
  async (fate) => {
    await using ledger = closing(await open(newSchema(), proxy.port));
    let cuts = 0;
    proxy.fate = (sent) => {
      if (cuts >= 3 || !sent.includes("COMMIT")) return "pass";
      cuts += 1;
      return fate;
    };
    const lease = granted(
      await ledger.acquire({ environment: "local", holder: "ada", purpose: "test", ttlSeconds: 30 }),
    );
    for (let index = 0; index < 4; index += 1) await ledger.append({ ...note, payload: { index } }, lease);
    expect(cuts).toBe(3);
    const events = await ledger.read();
    expect(events.map((event) => event.payload)).toEqual([0, 1, 2, 3].map((index) => ({ index })));
    expect(firstBrokenEvent(events)).toBeNull();
  },
);

it("grants a lease once, also when the connection is cut before the answer", async () => {
  await using ledger = closing(await open(newSchema(), proxy.port));
  let cuts = 0;
  proxy.fate = (sent) => {
    if (cuts >= 1 || !sent.includes("ON CONFLICT")) return "pass";
    cuts += 1;
    return "cut-after";
  };
  const ask = { environment: "local", holder: "ada", purpose: "test", ttlSeconds: 30 };
  expect(granted(await ledger.acquire(ask)).fencingToken).toBe(1);
  expect(cuts).toBe(1);
});

it("waits for a server that is restarted", async () => {
  await using ledger = closing(await open(newSchema()));
  await ledger.append(note);
  const { port } = server;
  await server.stop();
  const appended = ledger.append(note);
  await start(port);
  expect((await appended).sequence).toBe(2);
  expect(await ledger.read()).toHaveLength(2);
});

it("says which server does not answer, and never the password", async () => {
  proxy.fate = () => "cut-before";
  const failed = await open(newSchema(), proxy.port, 0.2).catch((error: unknown) => error);
  proxy.fate = () => "pass";
  expect(failed).toMatchObject({
    code: "LEDGER_UNREACHABLE",
    exitCode: 1,
    place: `127.0.0.1:${String(proxy.port)}/postgres`,
  });
  expect(JSON.stringify(failed) + String(failed)).not.toMatch(/pass(%20| )word/);
});

it("says at once what will not be right by waiting", async () => {
  const open = (url: string, schema = "fairway") => openPostgresLedger({ url, clock: systemClock, schema });
  const wrong = server.url().replace(/:[^:@]+@/, ":another@");
  await expect(open(wrong)).rejects.toMatchObject({
    code: "LEDGER_REFUSED",
    message: expect.stringContaining("authentication failed"),
  });
  await expect(open("postgresql://nobody.invalid/db")).rejects.toMatchObject({
    code: "LEDGER_REFUSED",
    place: "nobody.invalid:5432/db",
  });
  const bad = await open("mysql://root:hunter2@db/shop").catch((error: unknown) => error);
  expect(bad).toMatchObject({ code: "LEDGER_URL", exitCode: 2 });
  expect(JSON.stringify(bad) + String(bad)).not.toContain("hunter2");
  await expect(open(server.url(), 'x"; DROP')).rejects.toMatchObject({ code: "LEDGER_SCHEMA" });
});

it("leaves a ledger alone whose tables a newer version has changed", async () => {
  const schema = newSchema();
  await (await open(schema)).close();
  await sql(`INSERT INTO ${schema}.migrations (version, name) VALUES (99, 'from the future')`);
  await expect(open(schema)).rejects.toMatchObject({ code: "LEDGER_TOO_NEW", exitCode: 2 });
});

it("grants a lease whose end was written by a clock that went back", async () => {
  const schema = newSchema();
  await using ledger = closing(await open(schema));
  const ask = { environment: "local", holder: "ada", purpose: "test", ttlSeconds: 30 };
  await ledger.acquire(ask);
  await sql(`UPDATE ${schema}.leases SET expires_at = expires_at + interval '1 hour'`);
  expect(granted(await ledger.acquire(ask)).fencingToken).toBe(2);
});

it("works for a role that may only read, append and hold leases", async () => {
  const schema = newSchema();
  await (await open(schema)).close();
  await sql(`CREATE ROLE deployer LOGIN PASSWORD 'deployer'; GRANT USAGE ON SCHEMA ${schema} TO deployer;
             GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA ${schema} TO deployer;
             GRANT UPDATE ON ${schema}.leases TO deployer`);
  const url = server.url().replace(/\/\/[^@]+@/, "//deployer:deployer@");
  await using ledger = closing(await openPostgresLedger({ url, clock: systemClock, schema }));
  const ask = { environment: "local", holder: "ada", purpose: "test", ttlSeconds: 30 };
  await ledger.append(note, granted(await ledger.acquire(ask)));
  expect(await ledger.read()).toHaveLength(1);
});

function closing(ledger: Ledger): Ledger & AsyncDisposable {
  return { ...ledger, [Symbol.asyncDispose]: () => ledger.close() };
}
