import { fork } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, it } from "vitest";
import { systemClock } from "../../../src/model/clock.ts";
import { firstBrokenEvent } from "../../../src/model/event-chain.ts";
import type { Ledger } from "../../../src/model/ledger.ts";
import { openSqliteLedger } from "../../../src/providers/ledgers/sqlite.ts";
import { virtualClock } from "../../../src/testing/testing.ts";
import { ledgerContract, note } from "./contract.ts";

let directory: string;
let path: string;
const opened: Ledger[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "fairway-ledger-"));
  path = join(directory, "ledger.db");
});

afterEach(async () => {
  for (const ledger of opened.splice(0)) await ledger.close();
  await rm(directory, { recursive: true });
});

async function open(clock = systemClock): Promise<Ledger> {
  const ledger = await openSqliteLedger(path, clock);
  opened.push(ledger);
  return ledger;
}

ledgerContract(
  "sqlite",
  async () => {
    const own = await mkdtemp(join(tmpdir(), "fairway-ledger-"));
    const clock = virtualClock();
    return {
      open: () => openSqliteLedger(join(own, "ledger.db"), clock),
      elapse: (seconds) => clock.advance(seconds * 1000),
      remove: () => rm(own, { recursive: true }),
    };
  },
  { writers: 50 },
);

it("refuses to change or remove an event", async () => {
  await (await open()).append(note);
  const raw = new DatabaseSync(path);
  expect(() => raw.exec("UPDATE events SET actor = 'mallory'")).toThrow("append-only");
  expect(() => raw.exec("DELETE FROM events")).toThrow("append-only");
  raw.close();
});

it("shows which event was tampered with by somebody who removed that guard", async () => {
  const ledger = await open();
  for (let count = 0; count < 3; count += 1) await ledger.append(note);
  const raw = new DatabaseSync(path);
  raw.exec("DROP TRIGGER events_are_not_changed; UPDATE events SET actor = 'mallory' WHERE sequence = 2");
  raw.close();
  expect(firstBrokenEvent(await ledger.read())?.sequence).toBe(2);
});

it("grants a lease whose end was written by a clock that went back", async () => {
  const ask = { environment: "local", holder: "ada@laptop", purpose: "deploy of v1", ttlSeconds: 30 };
  await (await open(virtualClock("2026-03-02T10:00:00.000Z"))).acquire(ask);
  const later = await open(virtualClock("2026-03-02T09:00:00.000Z"));
  expect(await later.acquire(ask)).toMatchObject({ granted: true, lease: { fencingToken: 2 } });
});

it("loses nothing when several processes append at once", async () => {
  await open();
  const writer = join(import.meta.dirname, "fixtures", "writer.ts");
  const ends = [1, 2, 3, 4].map(
    (name) =>
      new Promise<number | null>((resolve) => {
        fork(writer, [path, String(name), "50"]).on("exit", resolve);
      }),
  );
  expect(await Promise.all(ends)).toEqual([0, 0, 0, 0]);
  const events = await (await open()).read();
  expect(events).toHaveLength(200);
  expect(firstBrokenEvent(events)).toBeNull();
});

it("says which file cannot be opened, and why", async () => {
  await expect(openSqliteLedger(join("/proc", "ledger.db"), systemClock)).rejects.toThrow();
  const { writeFile } = await import("node:fs/promises");
  await writeFile(path, "this is not a database, but long enough to look like a damaged header of one");
  await expect(open()).rejects.toMatchObject({ code: "LEDGER_UNREADABLE", place: path });
});
