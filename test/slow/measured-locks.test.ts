import { expect, test } from "vitest";
import { forecastLocks, lockForecast, measuredLocksText } from "../../src/database/database.ts";
import { testServer } from "../database/measure/run/server.ts";

const tables = { orders: 40_000_000 };

// A machine that does something else meanwhile makes the durations noise, which is then said; so it may try again.
test(
  "the durations of what rewrites a table grow with its rows, and of what does not, stay",
  { retry: 3 },
  async () => {
    await using server = await testServer();
    const measured = await server.measure(
      "CREATE TABLE orders (id int PRIMARY KEY, amount int NOT NULL, note text);",
      `ALTER TABLE orders ADD COLUMN source int NOT NULL DEFAULT 3;
     ALTER TABLE orders ALTER COLUMN amount TYPE bigint;
     CREATE INDEX by_note ON orders (note);`,
      { budgetRows: 400_000, repeats: 5 },
    );
    const [adding, retyping, indexing] = forecastLocks(measured, { tables });
    console.log(measuredLocksText(lockForecast(measured, { tables }, null)));
    expect(adding?.durationMs).toMatchObject({ verdict: "range", growth: "constant" });
    expect(retyping?.durationMs).toMatchObject({
      growth: expect.stringMatching(/^(linear|n log n)$/) as string,
    });
    expect(indexing?.durationMs).toMatchObject({
      growth: expect.stringMatching(/^(linear|n log n)$/) as string,
    });
    expect(retyping?.readsWaitMs).toEqual(retyping?.durationMs);
    expect(indexing?.readsWaitMs).toEqual({ verdict: "none" });
    expect(indexing?.writesWaitMs).toEqual(indexing?.durationMs);
  },
);
