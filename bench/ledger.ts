import { randomUUID } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { execa } from "execa";
import pg from "pg";
import { startPostgres } from "../src/host/postgres/postgres.ts";
import { canonicalJson } from "../src/model/canonical-json.ts";
import { systemClock } from "../src/model/clock.ts";
import { chain, firstPreviousHash } from "../src/model/event-chain.ts";
import type { Ledger, LedgerEvent, NewLedgerEvent } from "../src/model/ledger.ts";
import { openGitLedger } from "../src/providers/ledgers/git/git.ts";
import { openPostgresLedger } from "../src/providers/ledgers/postgres/postgres.ts";
import { openSqliteLedger } from "../src/providers/ledgers/sqlite.ts";
import { git, gitServerMissing, startGitServer } from "../test/support/git-http-server.ts";
import { paired, type Paired } from "./paired.ts";

/** What it costs that an event is numbered, chained and fenced, over a row that is only inserted, or a commit that is only pushed. */
export async function ledger(): Promise<Paired[]> {
  const directory = await mkdtemp(join(tmpdir(), "fairway-bench-"));
  await chmod(directory, 0o755);
  try {
    return [
      await sqlite(directory),
      await postgres(directory),
      ...(gitServerMissing() === undefined ? await overGit(directory) : []),
    ];
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const event: NewLedgerEvent = {
  environment: "production",
  deployment: "production-1",
  type: "operation-started",
  actor: "ada@laptop",
  payload: { index: 1, wayBack: false, operation: { kind: "replace-replica", service: "api", index: 1 } },
};

async function appends(ledger: Ledger, count: number): Promise<void> {
  const answer = await ledger.acquire({
    ...{ environment: event.environment, holder: "ada@laptop" },
    ...{ purpose: "bench", ttlSeconds: 600 },
  });
  if (!answer.granted) throw new Error("somebody else holds the lease");
  for (let index = 0; index < count; index += 1) await ledger.append(event, answer.lease);
  await ledger.release(answer.lease);
}

const columns = "(at, environment, deployment, type, actor, payload, hash)";

function rowOf(index: number): (string | null)[] {
  const { at, environment, deployment, type, actor, payload, hash }: LedgerEvent = chain(
    event,
    index,
    firstPreviousHash,
    new Date().toISOString(),
  );
  return [at, environment, deployment, type, actor, canonicalJson(payload), hash];
}

async function sqlite(directory: string): Promise<Paired> {
  const ledger = await openSqliteLedger(join(directory, "ledger.db"), systemClock);
  const bare = new DatabaseSync(join(directory, "bare.db"));
  bare.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
  bare.exec(`CREATE TABLE events (sequence INTEGER PRIMARY KEY, ${columns.slice(1)}`);
  const insert = bare.prepare(`INSERT INTO events ${columns} VALUES (?, ?, ?, ?, ?, ?, ?)`);
  const peer = async () => {
    for (let index = 0; index < 100; index += 1) insert.run(...rowOf(index));
  };
  try {
    return await paired(
      "append to the SQLite ledger over a bare insert, synced",
      ["100 appends", () => appends(ledger, 100)],
      ["100 inserts", peer],
    );
  } finally {
    await ledger.close();
    bare.close();
  }
}

async function postgres(directory: string): Promise<Paired> {
  const server = await startPostgres({ dataDirectory: join(directory, "data") });
  const client = new pg.Client({ connectionString: server.url() });
  await client.connect();
  await client.query(
    `CREATE TABLE events (sequence bigserial PRIMARY KEY, ${columns.slice(1, -1).replaceAll(/\w+/g, "$& text")})`,
  );
  const ledger = await openPostgresLedger({ url: server.url(), clock: systemClock });
  const peer = async () => {
    for (let index = 0; index < 100; index += 1) {
      await client.query(`INSERT INTO events ${columns} VALUES ($1, $2, $3, $4, $5, $6, $7)`, rowOf(index));
    }
  };
  try {
    return await paired(
      "append to the PostgreSQL ledger over a bare insert, synced",
      ["100 appends", () => appends(ledger, 100)],
      ["100 inserts", peer],
    );
  } finally {
    await ledger.close();
    await client.end();
    await server.stop();
  }
}

async function overGit(directory: string): Promise<Paired[]> {
  await using server = await startGitServer("token");
  server.create("ledger");
  server.create("bare");
  const options = { url: server.url("ledger"), token: "token", clock: systemClock };
  const ledger = await openGitLedger({ ...options, directory });
  const clone = await mkdtemp(join(directory, "clone-"));
  const url = server.url("bare").replace("//", "//x:token@");
  git(clone, "init", "--quiet");
  git(clone, "commit", "--quiet", "--allow-empty", "--message", "first");
  const push = async () => {
    for (let index = 0; index < 5; index += 1) {
      git(clone, "commit", "--quiet", "--allow-empty", "--message", canonicalJson(rowOf(index)));
      await execa("git", ["-C", clone, "push", "--quiet", url, "HEAD:refs/fairway/ledger"]);
    }
  };
  const cold = async () => {
    const reader = await openGitLedger({ ...options, directory: join(directory, randomUUID()) });
    await reader.close();
  };
  const fetch = async () => {
    const fresh = await mkdtemp(join(directory, "fresh-"));
    git(fresh, "init", "--quiet", "--bare");
    const from = server.url("ledger").replace("//", "//x:token@");
    await execa("git", ["-C", fresh, "fetch", "--quiet", from, "refs/fairway/ledger:refs/fairway/ledger"]);
  };
  return [
    await paired(
      "append to the git ledger over git commit and git push, on loopback",
      ["5 appends", () => appends(ledger, 5)],
      ["5 pushes", push],
    ),
    await paired("first read of that git ledger over git fetch", ["read", cold], ["git fetch", fetch]),
  ];
}
