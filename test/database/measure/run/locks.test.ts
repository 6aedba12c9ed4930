import { expect, it } from "vitest";
import { testServer } from "./server.ts";

const orders = "CREATE TABLE orders (id serial PRIMARY KEY, amount int NOT NULL, note text);";

const statements = `
CREATE INDEX by_note ON orders (note);
CREATE INDEX CONCURRENTLY by_amount ON orders (amount);
ALTER TABLE orders ALTER COLUMN amount TYPE bigint;
UPDATE orders SET note = 'none' WHERE id % 2 = 0;
`;

// All kinds of statements, at three sizes: test/slow/locks-of-statements.test.ts.
it("each statement's lock, who waits for it, what it rewrites and the rows it goes through are measured on a real server", async () => {
  await using server = await testServer();
  const measured = await server.measure(orders, statements, {
    budgetRows: 1_600,
    fractions: [1],
    repeats: 1,
  });
  const seen = measured.statements.map(({ locks, blocked, rewrites, samples, problem, transaction }) => ({
    ...{ problem, transaction, rewrites, touched: samples[0]?.touchedRows },
    mode: locks.find(({ relation }) => relation === "orders")?.mode,
    ...blocked.find(({ table }) => table === "orders"),
  }));
  const orderly = { table: "orders", problem: null, rewrites: [], transaction: true };
  expect(seen).toEqual([
    { ...orderly, mode: "SHARE", reads: "free", writes: "waits", touched: 1_600 },
    {
      ...{ ...orderly, transaction: false, mode: "SHARE UPDATE EXCLUSIVE" },
      ...{ reads: "free", writes: "free", touched: 3_200 },
    },
    {
      ...{ ...orderly, mode: "ACCESS EXCLUSIVE", reads: "waits", writes: "waits" },
      ...{
        rewrites: ["by_note", "orders", "orders_pkey"],
        touched: expect.any(Number) as number,
      },
    },
    // No lock on the table stands in the way; the rows themselves do.
    {
      ...orderly,
      mode: "ROW EXCLUSIVE",
      reads: "free",
      writes: "waits",
      touched: expect.any(Number) as number,
    },
  ]);
});
