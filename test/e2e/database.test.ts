import { copyFile, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { MigrationsReport } from "../../src/report/migrations/migrations.ts";
import { queryDatabase } from "./support/database.ts";
import { expectRefusal, liveIn, type Live, type Refusal } from "./support/refusal.ts";
import { repositoryOf, type Repository } from "./support/repository.ts";

/** A repository with Prisma, which serves from a database of its own. */
let repository: Repository;
let live: Live;

beforeAll(async () => {
  repository = await repositoryOf("notes");
  const adapter = "../../examples/shop/packages/database/migration-adapter.ts";
  await copyFile(join(import.meta.dirname, adapter), join(repository.path, "migration-adapter.ts"));
  repository.commit("The adapter of the shop");
  const deploy = await repository.fairway("deploy", "--env", "local");
  expect(deploy.exitCode, deploy.output).toBe(0);
  live = await liveIn(repository);
}, 180_000);

afterAll(() => repository[Symbol.asyncDispose]());

const schema = "prisma/schema.prisma";

const edit = (file: string, from: string, to: string) => async (repository: Repository) => {
  const text = await readFile(join(repository.path, file), "utf8");
  expect(text).toContain(from);
  await repository.write(file, text.replace(from, to));
};

const refusals: readonly Refusal[] = [
  {
    what: "a type error",
    break: edit("greeting.ts", "`hello from ${name}`", "name.length"),
    exitCode: 1,
    says: ["typecheck failed", "greeting.ts(1,51): error TS2322", "npx fairway check --only typecheck"],
  },
  {
    what: "a schema that was changed without a migration",
    break: edit(schema, "title String?", "title String?\n  mood  String?"),
    exitCode: 1,
    says: [
      `${schema} was changed without a migration`,
      /ALTER TABLE "Note" ADD COLUMN\s+"mood" TEXT/,
      "npm exec -- prisma migrate dev",
    ],
  },
  {
    what: "a migration that removes what live code uses",
    break: async (repository) => {
      await edit(schema, "  title String?\n", "")(repository);
      const migration = "prisma/migrations/20260102000000_drop_title/migration.sql";
      await repository.write(migration, 'ALTER TABLE "Note" DROP COLUMN "title";\n');
    },
    exitCode: 1,
    says: [
      "20260102000000_drop_title would break code that is live",
      "prisma/migrations/20260102000000_drop_title/migration.sql:1: critical drop-column",
      /\(live\) uses Note\.title, and fails/,
    ],
  },
];

for (const refusal of refusals) {
  it(`${refusal.what} stops the deploy with exit code ${String(refusal.exitCode)}`, async () => {
    const before = await databaseOf();
    await expectRefusal(repository, refusal, live);
    expect(await databaseOf()).toEqual(before);
  });
}

it("`migrations` says what it found as JSON also where it fails as the deploy would, with where each migration is", async () => {
  const drops = refusals.at(-1)!;
  await drops.break(repository);
  repository.commit("Drop it");
  try {
    const { exitCode, stdout, output } = await repository.fairway("migrations", "--json");
    expect(exitCode, output).toBe(1);
    const report = JSON.parse(stdout) as MigrationsReport & { places: Readonly<Record<string, string>> };
    expect(report.applied.map(({ name }) => report.places[name])).toEqual(["in local"]);
    expect(report.migrations).toMatchObject([{ name: "20260102000000_drop_title", phase: "contract" }]);
    expect(report.evidence.map(({ name }) => name)).toEqual(["migrations", "drift", "rehearsal"]);
  } finally {
    repository.undo();
  }
});

it("a database whose data is gone is not begun anew unasked: the deploy is held, and says what to type", async () => {
  expect((await repository.fairway("down", "--env", "local")).exitCode).toBe(0);
  const lost = join(repository.path, ".fairway/environments/local/postgres/18");
  await rm(lost, { recursive: true });
  const held = await repository.fairway("deploy", "--env", "local");
  expect(held.exitCode, held.output).toBe(3);
  expect(held.output).toContain(lost);
  const remedy = ["down", "--env", "local", "--remove-data"];
  expect(held.output).toContain(`npx fairway ${remedy.join(" ")}`);
  expect((await repository.fairway(...remedy)).exitCode).toBe(0);
});

it("a second clone of a commit migrates its own database, whatever the cache knows of the first one's", async () => {
  expect((await repository.fairway("down", "--env", "local", "--remove-data")).exitCode).toBe(0);
  await rm(join(repository.path, ".fairway"), { recursive: true });
  const again = await repository.fairway("deploy", "--env", "local");
  expect(again.exitCode, again.output).toBe(0);
  expect(await databaseOf()).toMatchObject({ migrations: ["20260101000000_notes"] });
});

/** What is in the environment's database. */
async function databaseOf() {
  const list = async (query: string) =>
    (await queryDatabase<{ name: string }>(repository, query)).map(({ name }) => name);
  return {
    columns: await list(
      "SELECT column_name AS name FROM information_schema.columns WHERE table_name = 'Note' ORDER BY 1",
    ),
    migrations: await list("SELECT migration_name AS name FROM _prisma_migrations ORDER BY 1"),
  };
}
