import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Evidence } from "../../src/model/evidence.ts";
import type { MigrationsReport } from "../../src/report/migrations/migrations.ts";
import { repositoryOf, type Repository } from "../e2e/support/repository.ts";
import { queryDatabase } from "../e2e/support/database.ts";
import { localDatabaseUrl } from "../support/local-database.ts";

/** `fairway migrations --database` and `fairway deploy` on a database in which things have happened. */
let repository: Repository;
const variables: Record<string, string> = {};
const folder = "prisma/migrations";
const password = "canary-4711";

beforeAll(async () => {
  repository = await repositoryOf("notes", variables);
  const adapter = "../../examples/shop/packages/database/migration-adapter.ts";
  await copyFile(join(import.meta.dirname, adapter), join(repository.path, "migration-adapter.ts"));
  repository.commit("The adapter of the shop");
  const deploy = await repository.fairway("deploy", "--env", "local");
  expect(deploy.exitCode, deploy.output).toBe(0);
  await query(`CREATE ROLE reporting LOGIN PASSWORD '${password}'`);
  await query("GRANT USAGE ON SCHEMA public TO reporting; GRANT SELECT ON _prisma_migrations TO reporting");
  const url = new URL(await localDatabaseUrl(join(repository.path, ".fairway/environments/local")));
  url.username = "reporting";
  url.password = password;
  variables["REPORTING_URL"] = url.href;
}, 180_000);

afterAll(() => repository[Symbol.asyncDispose]());

const query = (text: string) => queryDatabase(repository, text);

async function asked(): Promise<{
  exitCode: number | null;
  output: string;
  report: MigrationsReport;
  of: (name: string) => Evidence | undefined;
}> {
  const run = await repository.fairway("migrations", "--database", "env:REPORTING_URL", "--json");
  expect(run.output).not.toContain(password);
  const report = JSON.parse(run.stdout) as MigrationsReport;
  return { ...run, report, of: (name) => report.evidence.find((entry) => entry.name === name) };
}

describe("`migrations --database` with a user who may only read", () => {
  it("says of a database that is as its migrations made it that it is, and what is pending there", async () => {
    await repository.write(
      `${folder}/20260102000000_tags/migration.sql`,
      'CREATE TABLE "Tag" (id int PRIMARY KEY);\n',
    );
    const schema = await readFile(join(repository.path, "prisma/schema.prisma"), "utf8");
    await repository.write("prisma/schema.prisma", `${schema}\nmodel Tag {\n  id Int @id\n}\n`);
    repository.commit("Tags");
    const { exitCode, output, of } = await asked();
    expect(exitCode, output).toBe(0);
    expect(of("live migrations")).toMatchObject({ verdict: "pass", summary: "1 applied, 1 pending" });
    expect(of("live drift")).toMatchObject({ verdict: "pass" });
    expect(await query("SELECT 1 FROM _prisma_migrations")).toHaveLength(1);
  });

  it("fails on what somebody made by hand, with the SQL of both ways out; the review knows of it", async () => {
    await query('ALTER TABLE "Note" ADD CONSTRAINT titled CHECK (title IS NOT NULL)');
    const sql = "SET lock_timeout = '5s';\nALTER TABLE \"Note\" ALTER COLUMN title SET NOT NULL;\n";
    await repository.write(`${folder}/20260103000000_title/migration.sql`, sql);
    repository.commit("Title");
    const { exitCode, report, of } = await asked();
    expect(exitCode).toBe(1);
    const drift = of("live drift");
    expect(drift).toMatchObject({ verdict: "fail" });
    expect(drift?.details).toContain('only in the database: constraint "Note".titled');
    expect(drift?.details).toContain('ALTER TABLE "Note" ADD CONSTRAINT titled CHECK ((title IS NOT NULL));');
    expect(drift?.details).toContain('ALTER TABLE "Note" DROP CONSTRAINT titled;');
    expect(drift?.details).toMatch(/npm exec -- prisma migrate resolve --applied \d{14}_as_the_database_is/);
    // The check proves it: no row is read.
    const title = report.migrations.find(({ name }) => name === "20260103000000_title");
    expect(title?.statements.flatMap(({ effects }) => effects.flatMap(({ scans }) => scans))).toEqual([]);
    await query('ALTER TABLE "Note" DROP CONSTRAINT titled');
    const without = (await asked()).report.migrations.find(({ name }) => name === "20260103000000_title");
    expect(without?.statements.flatMap(({ effects }) => effects.flatMap(({ scans }) => scans))).toEqual([
      "Note",
    ]);
    repository.undo();
  });

  it("fails on one that was edited after it was applied, and so does the deploy, in the same words", async () => {
    const file = `${folder}/20260101000000_notes/migration.sql`;
    const text = await readFile(join(repository.path, file), "utf8");
    await repository.write(file, `-- edited\n${text}`);
    repository.commit("Edit");
    const { exitCode, of } = await asked();
    expect(exitCode).toBe(1);
    const found = of("live migrations");
    expect(found).toMatchObject({
      verdict: "fail",
      summary: "20260101000000_notes was edited after it was applied",
    });
    expect(found?.details).toContain(`${file}: edited:`);
    expect(found?.details).toContain("git log --all --format=%H");
    const deploy = await repository.fairway("deploy", "--env", "local");
    expect(deploy.exitCode, deploy.output).toBe(1);
    expect(deploy.output).toContain("20260101000000_notes was edited after it was applied");
    expect(deploy.output).toContain("git log --all --format=%H");
    repository.undo();
  });

  it("holds one that failed there, and one that is missing here, with the repair of each; so does the deploy", async () => {
    const row = (name: string, finished: string) =>
      query(
        `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, logs) VALUES ('${name}', 'x', '${name}', ${finished}, 'ERROR: no')`,
      );
    await row("20260101120000_unheard", "now()");
    const missing = await asked();
    expect(missing.exitCode).toBe(3);
    expect(missing.of("live migrations")).toMatchObject({
      verdict: "insufficient",
      summary: "20260101120000_unheard is applied there and missing here",
    });
    expect(missing.of("live migrations")?.details).toContain("git checkout $(git log --all -1");
    const deploy = await repository.fairway("deploy", "--env", "local");
    expect(deploy.output).toContain("has 20260101120000_unheard, which is not in this commit");
    expect(deploy.exitCode, deploy.output).toBe(3);

    await row("20260102000000_tags", "NULL");
    const failed = await asked();
    expect(failed.exitCode).toBe(3);
    expect(failed.of("live migrations")?.details).toContain(
      "npm exec -- prisma migrate resolve --rolled-back 20260102000000_tags --schema prisma/schema.prisma",
    );
    expect(failed.of("live migrations")?.details).toContain("PostgreSQL said: ERROR: no");
  });
});

it("a URL that leads nowhere, or is none, is told without what is secret in it", async () => {
  for (const url of [`postgresql://app:${password}@127.0.0.1:1/app`, `no url ${password}`]) {
    variables["REPORTING_URL"] = url;
    const { exitCode, output } = await repository.fairway("migrations", "--database", "env:REPORTING_URL");
    expect(exitCode, output).toBe(1);
    expect(output).toContain("the database could not be read");
    expect(output).not.toContain(password);
  }
});
