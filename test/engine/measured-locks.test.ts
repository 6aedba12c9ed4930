import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { measureLocks } from "../../src/database/database.ts";
import { migrationFile } from "../../src/database/migrations.ts";
import { silentProgress } from "../../src/model/progress.ts";
import { projectIn } from "./support/project.ts";
import { testEngine, type TestEngine } from "./support/engine.ts";

let engine: TestEngine;
beforeAll(async () => {
  engine = await testEngine();
});
afterAll(() => engine[Symbol.asyncDispose]());

describe("on the embedded engine", () => {
  it("the locks of a migration are measured in a step with a PostgreSQL of its own", async () => {
    const measured = await engine.with(async (dag) => {
      const migrations = [
        migrationFile("2", "2/migration.sql", "ALTER TABLE orders ALTER COLUMN id TYPE bigint"),
      ];
      const earlier = [migrationFile("1", "1/migration.sql", "CREATE TABLE orders (id int PRIMARY KEY)")];
      return measureLocks(
        await projectIn(dag),
        { earlier, migrations, postgres: "18", budgetRows: 1_600, repeats: 1 },
        silentProgress,
      );
    });
    expect(measured.sizes).toEqual([100, 400, 1_600]);
    expect(measured.statements).toMatchObject([
      {
        path: "2/migration.sql",
        line: 1,
        problem: null,
        rewrites: ["orders"],
        blocked: [{ table: "orders", reads: "waits", writes: "waits" }],
      },
    ]);
  });

  it("an earlier migration that does not apply is an error with PostgreSQL's words", async () => {
    const earlier = [migrationFile("1", "1/migration.sql", "CREATE TABLE orders (id nothing)")];
    const migrations = [migrationFile("2", "2/migration.sql", "SELECT 1")];
    const measuring = engine.with(async (dag) =>
      measureLocks(await projectIn(dag), { earlier, migrations, postgres: "18" }, silentProgress),
    );
    await expect(measuring).rejects.toMatchObject({
      code: "MEASURE_FAILED",
      exitCode: 1,
      place: "2/migration.sql",
      output: expect.stringContaining('type "nothing" does not exist') as string,
    });
  });
});
