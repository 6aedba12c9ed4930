import { describe, expect, it } from "vitest";
import type { Secret } from "@dagger.io/dagger";
import { validateConfig } from "../../src/config/config.ts";
import { checkDrift, migrateDeploy, pendingMigrations, readMigrations } from "../../src/database/database.ts";
import { silentProgress } from "../../src/model/progress.ts";
import { openProject, prismaLayout } from "../../src/steps/steps.ts";
import { type Call, execError, fakeClient, type FakeOptions } from "../steps/fake-client.ts";

const shop = {
  "package.json": '{ "packageManager": "pnpm@10.34.9" }',
  "pnpm-lock.yaml": "",
  "packages/database/package.json": "{}",
  "packages/database/prisma/schema.prisma": "",
  "packages/database/prisma/migrations/2_b/migration.sql": "-- b",
  "packages/database/prisma/migrations/1_a/migration.sql": "-- a",
};

async function prepare(options: FakeOptions = {}) {
  const fake = fakeClient({ files: shop, ...options });
  const config = validateConfig(
    { name: "shop", database: { prisma: { schema: "packages/database/prisma/schema.prisma" } } },
    "test",
  );
  return { ...fake, project: await openProject(fake.client, fake.source, config) };
}

const prisma = (argv: readonly string[]) => argv.slice(0, 3).join(" ") === "pnpm exec prisma";
const database = { url: Object.create(null) as Secret, operationId: "deployment/3" };

describe("the layout of Prisma in a repository", () => {
  it("is the nearest package above the schema, with the migrations beside it, oldest first", async () => {
    const { project, source } = await prepare();
    const layout = await prismaLayout(source, project.config.database!);
    expect(layout).toMatchObject({
      directory: "packages/database",
      schema: "prisma/schema.prisma",
      javascriptEngine: false,
    });
    expect((await readMigrations(source, layout)).map(({ name }) => name)).toEqual(["1_a", "2_b"]);
  });

  it.each([
    ['migrations: { path: "prisma/changes" }', "packages/database/prisma/changes"],
    ["migrations: { seed: `${seed}`, path: './db/changes' },", "packages/database/db/changes"],
    ['// migrations: { path: "old" }', "packages/database/prisma/migrations"],
    ['migrations: { seed: "tsx seed.ts" }', "packages/database/prisma/migrations"],
    ['import { migrationAdapter } from "./migrations-adapter";', "packages/database/prisma/migrations"],
  ])("has the migrations where prisma.config says: %s", async (text, path) => {
    const { project, source } = await prepare({
      files: { ...shop, "packages/database/prisma.config.ts": text },
    });
    expect((await prismaLayout(source, project.config.database!)).migrationsPath).toBe(path);
  });

  it.each([["migrations: { path: join(root, name) }"], ["migrations: { path },"], ["migrations: shared,"]])(
    "is refused where prisma.config computes it: other migrations must not be reviewed in their place: %s",
    async (text) => {
      const { project, source } = await prepare({
        files: { ...shop, "packages/database/prisma.config.ts": text },
      });
      await expect(prismaLayout(source, project.config.database!)).rejects.toMatchObject({
        ...{ code: "MIGRATIONS_PATH_UNKNOWN", exitCode: 2 },
        place: "packages/database/prisma.config.ts migrations.path",
      });
    },
  );

  it("is refused when the schema is not there", async () => {
    const { project, source } = await prepare();
    const wrong = {
      ...project.config.database!,
      prisma: { ...project.config.database!.prisma, schema: "nowhere.prisma" },
    };
    await expect(prismaLayout(source, wrong)).rejects.toMatchObject({
      code: "SCHEMA_MISSING",
      exitCode: 2,
      place: "fairway.yaml database.prisma.schema",
    });
  });
});

describe("drift", () => {
  it("is looked for with the shadow database on the step's own server", async () => {
    const { project, execs } = await prepare();
    expect(await checkDrift(project, silentProgress)).toMatchObject({ verdict: "pass" });
    expect(execs.find(prisma)?.slice(3)).toEqual([
      "migrate",
      "diff",
      "--from-migrations",
      "prisma/migrations",
      "--to-schema-datamodel",
      "prisma/schema.prisma",
      "--shadow-database-url",
      "postgresql://postgres:ephemeral@db:5432/app",
      "--script",
      "--exit-code",
    ]);
  });

  it("is looked for without one by Prisma's JavaScript engine, which makes its own", async () => {
    const files = { ...shop, "packages/database/prisma.config.ts": 'export default { engine: "js" }' };
    const { project, execs } = await prepare({ files });
    await checkDrift(project, silentProgress);
    expect(execs.find(prisma)).not.toContain("--shadow-database-url");
  });

  it("is everything where there are no migrations yet", async () => {
    const files = Object.fromEntries(Object.entries(shop).filter(([path]) => !path.includes("migrations")));
    const { project, execs } = await prepare({ files });
    await checkDrift(project, silentProgress);
    expect(execs.find(prisma)).toContain("--from-empty");
  });

  it("is a fail with the missing SQL and the command, not an error", async () => {
    const { project } = await prepare({
      exec: (argv) => {
        if (prisma(argv)) throw execError(2, 'CREATE TABLE "x" ();');
        return "";
      },
    });
    expect(await checkDrift(project, silentProgress)).toMatchObject({
      verdict: "fail",
      details: 'The migrations lack:\nCREATE TABLE "x" ();',
      repeat: expect.stringMatching(
        /^pnpm --dir packages\/database exec prisma migrate dev --name /,
      ) as string,
    });
  });

  it.each([
    [1, "P1001"],
    [2, ""],
  ])("is not known, and no pass, when prisma ends with %i and says %j", async (code, output) => {
    const { project } = await prepare({
      exec: (argv) => {
        if (prisma(argv)) throw execError(code, "", output);
        return "";
      },
    });
    await expect(checkDrift(project, silentProgress)).rejects.toMatchObject({
      code: "DRIFT_UNKNOWN",
      exitCode: 1,
    });
  });
});

describe("a live database", () => {
  it("is migrated by the repository's own Prisma, with its address as a secret and the operation in the step's key", async () => {
    let chain: readonly Call[] = [];
    const { project } = await prepare({
      exec: (argv, before) => {
        if (prisma(argv)) chain = before;
        return "applied";
      },
    });
    const operation = { operationId: "production-3/1/12", fencingToken: 12 };
    expect(await migrateDeploy(project, { ...database, operation }, silentProgress)).toBe("applied");
    expect(chain).toContainEqual(["withEnvVariable", "FAIRWAY_OPERATION_ID", "production-3/1/12"]);
    expect(chain).toContainEqual(["withEnvVariable", "FAIRWAY_FENCING_TOKEN", "12"]);
    expect(chain).toContainEqual(["withSecretVariable", "DATABASE_URL", database.url]);
    expect(chain).toContainEqual(["withEnvVariable", "FAIRWAY_OPERATION", "deployment/3"]);
    expect(chain).toContainEqual(["withWorkdir", "/workspace/packages/database"]);
  });

  it("is left to a person while a migration that failed before is not resolved", async () => {
    const rows = [
      { name: "1_a", checksum: "", finished: false, rolledBack: false, logs: "ERROR: no such table" },
    ];
    const { project } = await prepare({
      exec: (argv) => {
        if (prisma(argv)) throw execError(1, "", "Error: P3009\n\nmigrate found failed migrations");
        return "";
      },
      written: (path) => (path.includes("migrations") ? JSON.stringify(rows) : "[]"),
    });
    const refusal = {
      code: "MIGRATION_FAILED_BEFORE",
      exitCode: 3,
      place: "packages/database/prisma/migrations/1_a/migration.sql",
      output: "ERROR: no such table",
      remedy: expect.stringContaining("prisma migrate resolve --rolled-back 1_a") as string,
    };
    await expect(migrateDeploy(project, database, silentProgress)).rejects.toMatchObject(refusal);
    await expect(pendingMigrations(project, database, silentProgress)).rejects.toMatchObject(refusal);
  });

  it("is asked through prisma where the workspace has no driver of its own", async () => {
    const { project } = await prepare({
      exec: (argv) => {
        if (prisma(argv))
          throw execError(1, "Following migration have not yet been applied:\n2_b\n\nTo apply ...");
        return "";
      },
      written: (path) => (path.includes("migrations") ? "no driver" : "[]"),
    });
    const status = await pendingMigrations(project, database, silentProgress);
    expect(status.applied).toEqual(["1_a"]);
    expect(status.pending.map(({ name }) => name)).toEqual(["2_b"]);
  });

  it("that cannot be asked is an error, never an empty one", async () => {
    const { project } = await prepare({
      exec: (argv) => {
        if (argv[0] === "node" && argv.length > 4) throw execError(1, "", "connect ECONNREFUSED");
        return "";
      },
    });
    await expect(pendingMigrations(project, database, silentProgress)).rejects.toMatchObject({
      code: "DATABASE_UNREADABLE",
      exitCode: 1,
      output: "connect ECONNREFUSED",
    });
  });
});
