import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { liveTableSizes, type LockForecast } from "../../src/database/database.ts";
import { stockPipeline } from "../../src/index.ts";
import { silentProgress } from "../../src/model/progress.ts";
import { testServer } from "../database/measure/run/server.ts";
import { queryDatabaseAt } from "../support/local-database.ts";
import { projectIn } from "../engine/support/project.ts";
import { testEngine, type TestEngine } from "../engine/support/engine.ts";

let engine: TestEngine;
beforeAll(async () => {
  engine = await testEngine();
});
afterAll(() => engine[Symbol.asyncDispose]());

describe("on the embedded engine", () => {
  it("the sizes of a live database's tables are read, and what cannot be read is an error without the password", async () => {
    await using server = await testServer();
    const { postgres } = server;
    await queryDatabaseAt(
      postgres.url(),
      "CREATE TABLE orders AS SELECT generate_series(1, 70); ANALYZE orders",
    );
    await engine.with(async (dag) => {
      const project = await projectIn(dag);
      const live = { url: dag.setSecret("url", postgres.url()), operationId: "sizes/1" };
      expect(await liveTableSizes(project, live, silentProgress)).toEqual({ orders: 70 });
      const wrong = { url: dag.setSecret("wrong", postgres.url("nowhere")), operationId: "sizes/2" };
      const error: unknown = await liveTableSizes(project, wrong, silentProgress).catch((e: unknown) => e);
      expect(error).toMatchObject({
        code: "DATABASE_UNREADABLE",
        output: expect.stringContaining('database "nowhere" does not exist') as string,
      });
      expect(inspect(error, { depth: 9 })).not.toContain(postgres.password);
    });
  });

  it("fairway migrations --measure says for tables as large as a database's statistics how long each is locked", async () => {
    await using server = await testServer();
    const { postgres } = server;
    const made = "CREATE TABLE orders (id int PRIMARY KEY, note text);";
    await queryDatabaseAt(
      postgres.url(),
      `${made} INSERT INTO orders SELECT generate_series(1, 1000); ANALYZE orders`,
    );
    const report = await engine.with(async (dag) => {
      const source = dag
        .directory()
        .withNewFile("db/001_orders.sql", made)
        .withNewFile(
          "db/002_kind.sql",
          "SET LOCAL lock_timeout = '2s';\nALTER TABLE orders ADD COLUMN kind int;",
        );
      const options = { measure: true, after: "001_orders", database: dag.setSecret("url", postgres.url()) };
      const answer = await stockPipeline.with(dag, { source }).migrations("", options, "json");
      return JSON.parse(answer) as { locks: LockForecast };
    });
    expect(report.locks.sizes.tables).toEqual({ orders: 1_000 });
    expect(report.locks.statements).toMatchObject([{ line: 1 }, { line: 2, rows: 1_000 }]);
    expect(report.locks.transactions).toMatchObject([
      {
        path: "db/002_kind.sql",
        lines: [1, 2],
        held: [{ table: "orders", mode: "ACCESS EXCLUSIVE", line: 2 }],
      },
    ]);
  });
});
