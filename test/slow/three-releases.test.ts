import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { queryDatabase } from "../e2e/support/database.ts";
import { type Repository, repositoryOf } from "../e2e/support/repository.ts";

/** A column is replaced in three releases: expand, stop using the old one, contract. Each step runs for real. */
let repository: Repository;

beforeAll(async () => {
  repository = await repositoryOf("notes");
  const adapter = "../../examples/shop/packages/database/migration-adapter.ts";
  await copyFile(join(import.meta.dirname, adapter), join(repository.path, "migration-adapter.ts"));
  await edit(
    "fairway.yaml",
    "prisma/schema.prisma }",
    "prisma/schema.prisma }\n  uses: []\n  contractSoakMinutes: 0",
  );
  repository.commit("The adapter of the shop");
});

afterAll(() => repository[Symbol.asyncDispose]());

it("is refused while the live release uses it, goes once none does, and then the way back past it is closed", async () => {
  const first = await deploy();
  expect(first.exitCode, first.output).toBe(0);

  await edit(schema, "  title String?\n", "  headline String?\n  title String?\n");
  await migrate("20260102000000_headline", 'ALTER TABLE "Note" ADD COLUMN "headline" TEXT;');
  await migrate(
    "20260103000000_fill",
    'UPDATE "Note" SET "headline" = "title" WHERE "headline" IS NULL AND "title" IS NOT NULL;',
  );
  repository.commit("Headlines");
  const expanded = await deploy();
  expect(expanded.exitCode, expanded.output).toBe(0);

  await edit(schema, "  title String?\n", "");
  await migrate("20260104000000_drop_title", 'ALTER TABLE "Note" DROP COLUMN "title";');
  repository.commit("No titles, too early");
  const early = await deploy();
  expect(early.exitCode, early.output).toBe(1);
  expect(early.output).toMatch(/\(live\) uses Note\.title, and fails/);
  expect(await columns()).toEqual(["headline", "id", "text", "title"]);

  repository.undo();
  await edit(schema, "title String?", "title String? @ignore");
  await edit("greeting.ts", "hello from", "hello again from");
  repository.commit("Nothing uses titles");
  const unused = await deploy();
  expect(unused.exitCode, unused.output).toBe(0);

  await edit(schema, "  title String? @ignore\n", "");
  await migrate("20260104000000_drop_title", 'ALTER TABLE "Note" DROP COLUMN "title";');
  await edit("greeting.ts", "hello again from", "hello for good from");
  repository.commit("No titles");
  const contracted = await deploy();
  expect(contracted.exitCode, contracted.output).toBe(0);
  expect(await columns()).toEqual(["headline", "id", "text"]);

  const back = await repository.fairway("rollback", "--env", "local", "--reason", "try");
  expect(back.exitCode, back.output).toBe(3);
  expect(back.output).toContain("20260104000000_drop_title changed the database");
});

const schema = "prisma/schema.prisma";

function deploy() {
  return repository.fairway("deploy", "--env", "local");
}

function migrate(name: string, sql: string) {
  return repository.write(`prisma/migrations/${name}/migration.sql`, `${sql}\n`);
}

async function edit(file: string, from: string, to: string): Promise<void> {
  const text = await readFile(join(repository.path, file), "utf8");
  expect(text).toContain(from);
  await repository.write(file, text.replace(from, to));
}

async function columns(): Promise<string[]> {
  const rows = await queryDatabase<{ name: string }>(
    repository,
    "SELECT column_name AS name FROM information_schema.columns WHERE table_name = 'Note' ORDER BY 1",
  );
  return rows.map(({ name }) => name);
}
