import { describe, expect, it } from "vitest";
import {
  forecastLocks,
  lockForecast,
  measuredLocksText,
  type MeasuredLocks,
  type MeasuredStatement,
} from "../../../src/database/measure/measure.ts";

const rows = [12_500, 50_000, 200_000];
const retyping: MeasuredStatement = {
  migration: "2_new",
  path: "prisma/migrations/2_new/migration.sql",
  line: 3,
  sql: 'ALTER TABLE "orders"\n  ALTER COLUMN "amount" TYPE bigint',
  tables: ["orders"],
  transaction: true,
  nth: 0,
  locks: [
    { relation: "orders", kind: "table", mode: "ACCESS EXCLUSIVE", granted: true, isNew: false },
    { relation: "orders_pkey", kind: "index", mode: "ACCESS EXCLUSIVE", granted: true, isNew: false },
  ],
  rewrites: ["orders", "orders_pkey"],
  blocked: [{ table: "orders", reads: "waits", writes: "waits" }],
  samples: rows.map((count) => ({
    rows: count,
    durationsMs: [4 + count / 1000, 5 + count / 1000],
    walBytes: [count * 170, count * 170 + 24],
    touchedRows: count,
    waits: [
      {
        table: "orders",
        probe: "reads",
        attempts: 3,
        blocked: 1,
        maxMs: 4 + count / 1000,
        totalMs: 4 + count / 1000,
      },
      {
        table: "orders",
        probe: "writes",
        attempts: 1,
        blocked: 1,
        maxMs: 3 + count / 1000,
        totalMs: 3 + count / 1000,
      },
    ],
  })),
  problem: null,
};

const measured = (...changes: Partial<MeasuredStatement>[]): MeasuredLocks => ({
  server: { version: "18.4", walLevel: "replica", fullPageWrites: false, fsync: false },
  sizes: rows,
  tables: [{ table: "orders", rows, problem: null }],
  statements: changes.map((change) => ({ ...retyping, ...change })),
});
const forecastOf = (
  change: Partial<MeasuredStatement>,
  tables: Record<string, number> = { orders: 40_000_000 },
) => {
  const [forecast] = forecastLocks(measured(change), { tables });
  if (forecast === undefined) throw new Error("there is no forecast");
  return forecast;
};

const textOf = (locks: MeasuredLocks, tables: Record<string, number>) =>
  measuredLocksText(lockForecast(locks, { tables }, null));

describe("the forecast of a statement", () => {
  it("has who waits to its end wait as long as it takes", () => {
    const { durationMs, readsWaitMs, writesWaitMs } = forecastOf({});
    expect(durationMs).toMatchObject({ verdict: "range", growth: "linear" });
    expect(readsWaitMs).toBe(durationMs);
    expect(writesWaitMs).toBe(durationMs);
  });

  it("has who never waited not wait, whatever the size", () => {
    const blocked = [{ table: "orders", reads: "free", writes: "waits" } as const];
    expect(forecastOf({ blocked })).toMatchObject({
      readsWaitMs: { verdict: "none" },
      writesWaitMs: { verdict: "range" },
    });
  });

  it.each([
    ["briefly", /waited for parts of it, 204 ms at most/],
    ["unknown", /no probe could use a table/],
  ] as const)("is insufficient for who waited: %s", (reads, reason) => {
    const blocked = [{ table: "orders", reads, writes: "free" } as const];
    expect(forecastOf({ blocked }).readsWaitMs).toEqual({
      verdict: "insufficient",
      reason: expect.stringMatching(reason) as string,
    });
  });

  it("takes the lock itself for a table that had no probe", () => {
    expect(forecastOf({ blocked: [] }).readsWaitMs).toMatchObject({ verdict: "range" });
    const locks = retyping.locks.map((lock) => ({ ...lock, mode: "SHARE" as const }));
    expect(forecastOf({ blocked: [], locks })).toMatchObject({
      readsWaitMs: { verdict: "none" },
      writesWaitMs: { verdict: "range" },
    });
  });

  it("goes by the largest of its tables, and is insufficient where one is not known", () => {
    const both = { tables: ["customers", "orders"] };
    expect(forecastOf(both, { orders: 40_000_000, customers: 7 }).rows).toBe(40_000_000);
    expect(forecastOf(both)).toMatchObject({
      rows: null,
      durationMs: {
        verdict: "insufficient",
        reason: "how many rows there are is not known of customers",
      },
    });
  });

  it("is insufficient in all figures where the statement could not be measured", () => {
    const verdicts = Object.values(forecastOf({ problem: "orders could not be filled", samples: [] }))
      .map((value: unknown) => (value as { verdict?: unknown } | null)?.verdict)
      .filter((verdict) => verdict !== undefined);
    expect(verdicts).toEqual(Array(4).fill("insufficient"));
  });

  it("is not constant in its duration where it goes through rows faster than can be told", () => {
    const samples = retyping.samples.map((sample) => ({ ...sample, durationsMs: [3, 3.2] }));
    expect(forecastOf({ samples }).durationMs).toMatchObject({ verdict: "insufficient" });
    const still = samples.map((sample) => ({ ...sample, touchedRows: 2 }));
    expect(forecastOf({ samples: still }).durationMs).toMatchObject({ growth: "constant" });
  });

  it("has no WAL where the server wrote none for a table that it rewrote", () => {
    const minimal = { ...measured({}), server: { ...measured().server, walLevel: "minimal" } };
    expect(forecastLocks(minimal, { tables: { orders: 1e6 } })[0]?.walBytes).toMatchObject({
      verdict: "insufficient",
      reason: expect.stringContaining("wal_level is minimal") as string,
    });
  });
});

describe("the text of measured locks", () => {
  it("has a table for each statement, and the real size in its last line", () => {
    const text = textOf(
      measured(
        {},
        {
          line: 9,
          sql: "CREATE INDEX CONCURRENTLY by_time ON orders (placed_at)",
          transaction: false,
          locks: [
            {
              relation: "orders",
              kind: "table",
              mode: "SHARE UPDATE EXCLUSIVE",
              granted: true,
              isNew: false,
            },
          ],
          rewrites: [],
          blocked: [{ table: "orders", reads: "free", writes: "free" }],
          samples: retyping.samples.map((sample) => ({ ...sample, durationsMs: [3, 90], waits: [] })),
        },
        {
          line: 12,
          locks: [],
          rewrites: [],
          samples: [],
          blocked: [],
          problem: 'PostgreSQL refuses it on empty tables: column "amount" does not exist (42703)',
        },
      ),
      { orders: 40_000_000 },
    );
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThan(100);
    expect(text).toMatchInlineSnapshot(`
      "Measured on PostgreSQL 18.4 with tables of 12,500, 50,000, 200,000 synthetic rows
        Not in the figures: the time of a disk (fsync is off), WAL's images of pages (full_page_writes
        is off)

      prisma/migrations/2_new/migration.sql:3
        ALTER TABLE "orders" ALTER COLUMN "amount" TYPE bigint
        locks         ACCESS EXCLUSIVE on orders: reads wait, writes wait
        rewrites      orders, orders_pkey
                rows            duration                   WAL          reads wait         writes wait
              12,500         17 to 18 ms                2.1 MB               17 ms               16 ms
              50,000         54 to 55 ms                8.5 MB               54 ms               53 ms
             200,000       204 to 205 ms               34.0 MB              204 ms              203 ms
        ~ 40,000,000      39.6 to 62.7 s          about 6.8 GB      39.6 to 62.7 s      39.6 to 62.7 s
        growth        linear

      prisma/migrations/2_new/migration.sql:9
        CREATE INDEX CONCURRENTLY by_time ON orders (placed_at)
        locks         SHARE UPDATE EXCLUSIVE on orders: reads go on, writes go on
                rows            duration                   WAL          reads wait         writes wait
              12,500        3.0 to 90 ms                2.1 MB                   -                   -
              50,000        3.0 to 90 ms                8.5 MB                   -                   -
             200,000        3.0 to 90 ms               34.0 MB                   -                   -
        ~ 40,000,000        insufficient          about 6.8 GB                   -                   -
        insufficient  duration: it goes through the rows, and how it grows is within the noise of 87 ms:
                      3.0 ms, 3.0 ms, 3.0 ms at 12,500, 50,000, 200,000 rows

      prisma/migrations/2_new/migration.sql:12
        ALTER TABLE "orders" ALTER COLUMN "amount" TYPE bigint
        no figures    PostgreSQL refuses it on empty tables: column "amount" does not exist (42703)

      prisma/migrations/2_new/migration.sql as one transaction
        takes         39.6 s at least (insufficient): its 3 statements are sent at once, and each lock
                      is kept to the end
        holds         ACCESS EXCLUSIVE on orders from line 3: reads and writes wait 39.6 s at least
                      (insufficient)
        insufficient  line 9: PostgreSQL refuses it in one transaction with others"
    `);
  });
});
