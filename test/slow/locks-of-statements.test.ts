import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { MeasuredLocks, MeasuredStatement } from "../../src/database/measure/measure.ts";
import { forecastLocks, lockForecast, measuredLocksText } from "../../src/database/measure/measure.ts";
import { testServer, type TestServer } from "../database/measure/run/server.ts";

const shop = `
CREATE TABLE customers (id serial PRIMARY KEY, email varchar(80) NOT NULL UNIQUE);
CREATE TABLE orders (
  id serial PRIMARY KEY,
  customer_id int NOT NULL,
  amount int NOT NULL,
  placed_at timestamptz,
  note text
);`;

const statements = `
ALTER TABLE orders ADD COLUMN source int NOT NULL DEFAULT 3;
CREATE INDEX by_time ON orders (placed_at);
CREATE INDEX CONCURRENTLY by_note ON orders (note);
DROP INDEX CONCURRENTLY by_note;
ALTER TABLE orders ADD CONSTRAINT of_customer FOREIGN KEY (customer_id) REFERENCES customers (id) NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT of_customer;
ALTER TABLE orders ADD CONSTRAINT noted CHECK (note IS NOT NULL) NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT noted;
ALTER TABLE orders ALTER COLUMN note SET NOT NULL;
ALTER TABLE orders ALTER COLUMN placed_at SET NOT NULL;
ALTER TABLE orders ALTER COLUMN amount TYPE bigint;
UPDATE orders SET note = 'none' WHERE id % 2 = 0;
ALTER TABLE orders RENAME TO purchases;
CREATE TABLE refunds (id int PRIMARY KEY, purchase_id int REFERENCES purchases (id));
`;

let server: TestServer;
let measured: MeasuredLocks;
beforeAll(async () => {
  server = await testServer();
  measured = await server.measure(shop, statements);
});
afterAll(() => server[Symbol.asyncDispose]());

function find(beginning: string): MeasuredStatement {
  const found = measured.statements.find(({ sql }) => sql.startsWith(beginning));
  if (found === undefined) throw new Error(`there is no statement ${beginning}`);
  return found;
}
const locksOf = (beginning: string, relation: string) =>
  find(beginning)
    .locks.filter((lock) => lock.relation === relation)
    .map(({ mode }) => mode);
const touched = (beginning: string) => find(beginning).samples.map(({ touchedRows }) => touchedRows);
const walOf = (beginning: string) =>
  forecastLocks(measured, { tables: { orders: 1_000_000, customers: 100_000 } }).find(({ sql }) =>
    sql.startsWith(beginning),
  )?.walBytes;

describe("the locks of statements, measured on a real server", () => {
  it("are measured at three sizes, with no statement left out", () => {
    expect(measured.sizes).toEqual([300, 1_200, 4_800]);
    expect(measured.tables).toEqual([
      { table: "customers", rows: [300, 1_200, 4_800], problem: null },
      { table: "orders", rows: [300, 1_200, 4_800], problem: null },
    ]);
    expect(measured.statements.map(({ problem }) => problem)).toEqual(Array(14).fill(null));
    expect(measured.server).toMatchObject({ walLevel: "replica" });
  });

  it.each([
    ["ALTER TABLE orders ADD COLUMN", "ACCESS EXCLUSIVE", "waits", "waits"],
    ["CREATE INDEX by_time", "SHARE", "free", "waits"],
    ["CREATE INDEX CONCURRENTLY", "SHARE UPDATE EXCLUSIVE", "free", "free"],
    ["DROP INDEX CONCURRENTLY", "SHARE UPDATE EXCLUSIVE", "free", "free"],
    ["ALTER TABLE orders ADD CONSTRAINT of_customer", "SHARE ROW EXCLUSIVE", "free", "waits"],
    ["ALTER TABLE orders VALIDATE CONSTRAINT of_customer", "SHARE UPDATE EXCLUSIVE", "free", "free"],
    ["ALTER TABLE orders ADD CONSTRAINT noted", "ACCESS EXCLUSIVE", "waits", "waits"],
    ["ALTER TABLE orders VALIDATE CONSTRAINT noted", "SHARE UPDATE EXCLUSIVE", "free", "free"],
    ["ALTER TABLE orders ALTER COLUMN note SET NOT NULL", "ACCESS EXCLUSIVE", "waits", "waits"],
    ["ALTER TABLE orders ALTER COLUMN placed_at SET NOT NULL", "ACCESS EXCLUSIVE", "waits", "waits"],
    ["ALTER TABLE orders ALTER COLUMN amount TYPE", "ACCESS EXCLUSIVE", "waits", "waits"],
    // No lock on the table stands in the way; the rows themselves do.
    ["UPDATE", "ROW EXCLUSIVE", "free", "waits"],
    ["ALTER TABLE orders RENAME", "ACCESS EXCLUSIVE", "waits", "waits"],
  ] as const)("%s takes %s: who reads %s, who writes %s", (statement, mode, reads, writes) => {
    expect(locksOf(statement, "orders")[0]).toBe(mode);
    expect(find(statement).blocked).toContainEqual({ table: "orders", reads, writes });
  });

  it("of a foreign key are on both tables, and so are those who wait", () => {
    const adding = "ALTER TABLE orders ADD CONSTRAINT of_customer";
    expect(locksOf(adding, "customers")).toContain("SHARE ROW EXCLUSIVE");
    expect(find(adding).blocked).toContainEqual({ table: "customers", reads: "free", writes: "waits" });
    expect(find(adding).tables.toSorted()).toEqual(["customers", "orders"]);
  });

  it("go with a table that the statement before it renamed", () => {
    const referencing = find("CREATE TABLE refunds");
    expect(referencing.tables).toEqual(["orders"]);
    expect(locksOf("CREATE TABLE refunds", "purchases")).toContain("SHARE ROW EXCLUSIVE");
    expect(referencing.blocked).toEqual([{ table: "orders", reads: "free", writes: "waits" }]);
    expect(referencing.locks.find(({ relation }) => relation === "refunds")).toMatchObject({ isNew: true });
  });

  it("come with the rewrites that the file nodes show", () => {
    expect(find("ALTER TABLE orders ALTER COLUMN amount TYPE").rewrites).toEqual([
      "by_time",
      "orders",
      "orders_pkey",
    ]);
    const others = measured.statements.filter(({ rewrites }) => rewrites.length > 0);
    expect(others).toHaveLength(1);
  });

  it("come with the rows that each statement goes through", () => {
    expect(touched("ALTER TABLE orders ADD COLUMN")).toEqual([0, 0, 0]);
    expect(touched("CREATE INDEX by_time")).toEqual([300, 1_200, 4_800]);
    // It looks twice: once to build, once for what came meanwhile.
    expect(touched("CREATE INDEX CONCURRENTLY")).toEqual([600, 2_400, 9_600]);
    expect(touched("ALTER TABLE orders ADD CONSTRAINT of_customer")).toEqual([0, 0, 0]);
    expect(touched("ALTER TABLE orders VALIDATE CONSTRAINT noted")).toEqual([300, 1_200, 4_800]);
    // The check proves it.
    expect(touched("ALTER TABLE orders ALTER COLUMN note SET NOT NULL")).toEqual([0, 0, 0]);
    expect(touched("ALTER TABLE orders ALTER COLUMN placed_at SET NOT NULL")).toEqual([300, 1_200, 4_800]);
  });

  it("come with WAL that grows as the rewrite does", () => {
    expect(walOf("ALTER TABLE orders ADD COLUMN")).toMatchObject({ verdict: "range", growth: "constant" });
    expect(walOf("ALTER TABLE orders VALIDATE CONSTRAINT noted")).toMatchObject({ growth: "constant" });
    const rewriting = walOf("ALTER TABLE orders ALTER COLUMN amount TYPE");
    expect(rewriting).toMatchObject({ verdict: "range", growth: "linear" });
    if (rewriting?.verdict === "range") expect(rewriting.high).toBeGreaterThan(rewriting.low);
  });

  it("never make a constant duration of what goes through the rows", () => {
    const tables = { orders: 40_000_000, customers: 2_000_000 };
    for (const { sql, durationMs } of forecastLocks(measured, { tables })) {
      const statement = find(sql);
      const [first = 0, , last = 0] = statement.samples.map(({ touchedRows }) => touchedRows ?? 0);
      if (last > first) expect({ sql, ...durationMs }).not.toMatchObject({ growth: "constant" });
    }
  });

  it("are told in lines of less than 100 columns, each figure with its statement", () => {
    const text = measuredLocksText(
      lockForecast(measured, { tables: { orders: 40_000_000, customers: 2_000_000 } }, null),
    );
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThan(100);
    expect(text).toContain("2_new/migration.sql:12\n  ALTER TABLE orders ALTER COLUMN amount TYPE bigint\n");
    expect(text).toContain("SHARE on orders: reads go on, writes wait");
    expect(text).toContain("~ 40,000,000");
  });
});
