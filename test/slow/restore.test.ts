import { copyFile, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { queryDatabase } from "../e2e/support/database.ts";
import { repositoryOf, type Repository, type Run } from "../e2e/support/repository.ts";

/** A repository with Prisma, of which the second commit migrates the database. */
let repository: Repository;
let first: string;
let second: string;

beforeAll(async () => {
  repository = await repositoryOf("notes");
  const adapter = "../../examples/shop/packages/database/migration-adapter.ts";
  await copyFile(join(import.meta.dirname, adapter), join(repository.path, "migration-adapter.ts"));
  first = repository.commit("The adapter of the shop");
  const deployed = await expecting(0, "deploy", "--env", "local");
  expect(deployed.output).not.toContain("back up");
  await ask(`INSERT INTO "Note" (text) VALUES ('kept'), ('kept too')`);
  const schema = join(repository.path, "prisma/schema.prisma");
  const text = await readFile(schema, "utf8");
  await writeFile(schema, text.replace("title String?", "title String?\n  mood  String?"));
  await repository.write(
    "prisma/migrations/20260102000000_mood/migration.sql",
    'ALTER TABLE "Note" ADD COLUMN "mood" TEXT;\n',
  );
  second = repository.commit("Notes have a mood");
}, 300_000);

afterAll(() => repository[Symbol.asyncDispose]());

it("a migration is preceded by a backup, and what was lost after it comes back with the code of then", async () => {
  const planned = await expecting(0, "plan", "--env", "local");
  expect(planned.stdout).toMatch(
    /1\. back up the database, the last 3 are kept\n\s+2\. migrate the database/,
  );
  expect((await expecting(0, "deploy", "--env", "local")).output).toMatch(/backup local-2, \d+ MB/);
  expect((await expecting(0, "backups", "--env", "local")).stdout).toMatch(
    new RegExp(`local-2 .*${first} +20260101000000_notes +\\d+ MB`),
  );

  await ask('DELETE FROM "Note"');
  await ask(`INSERT INTO "Note" (text, mood) VALUES ('written since', 'sad')`);

  const unexplained = await expecting(2, "restore", "--env", "local");
  expect(unexplained.output).toContain("a restore has a reason");
  const unconfirmed = await expecting(3, "restore", "--env", "local", "--reason", "The notes are gone");
  expect(unconfirmed.output).toMatch(/backup local-2 is \d+ min old/);
  expect(unconfirmed.output).toContain(
    'npx fairway restore --env local --backup local-2 --reason "The notes are gone" --confirm',
  );
  expect(await notes()).toEqual(["written since"]);
  expect(
    (await expecting(2, "restore", "--env", "local", "--backup", "local-9", "--reason", "x")).output,
  ).toContain("local-2, of ");

  const restored = await expecting(
    0,
    "restore",
    "--env",
    "local",
    "--reason",
    "The notes are gone",
    "--confirm",
  );
  expect(restored.stdout).toContain(`${first} is live again, with the database of then`);
  expect(await notes()).toEqual(["kept", "kept too"]);
  expect(await columns()).toEqual(["id", "text", "title"]);
  expect((await expecting(0, "status", "--env", "local")).stdout).toContain(
    `${first} on main is live: local-3`,
  );
  expect((await expecting(0, "history", "--env", "local")).stdout).toMatch(
    new RegExp(`local-3 .* restore +${first} +succeeded .*The notes are gone`),
  );
  expect((await expecting(0, "record", "--deployment", "local-3")).stdout).toContain(
    `restore of ${first} to local`,
  );
  await expecting(0, "verify", "--env", "local");
});

it("the ledger knows which migrations the restored database has: the next deploy applies the others again", async () => {
  const planned = await expecting(0, "plan", "--env", "local");
  expect(planned.stdout).toContain("migrate the database: 20260102000000_mood");
});

it("what a restore has replaced can be restored too", async () => {
  const again = await expecting(
    0,
    ...["restore", "--env", "local", "--backup", "local-3", "--reason", "It was the wrong one", "--confirm"],
  );
  expect(again.stdout).toContain(`${second} is live again`);
  expect(await notes()).toEqual(["written since"]);
  expect(await columns()).toEqual(["id", "mood", "text", "title"]);
  expect((await expecting(0, "plan", "--env", "local")).stdout).not.toContain("migrate the database");
});

it("a restore brings back a database whose data is gone", async () => {
  await expecting(0, "down", "--env", "local");
  await rm(join(repository.path, ".fairway/environments/local/postgres"), { recursive: true });
  const held = await expecting(3, "deploy", "--env", "local");
  expect(held.output).toContain("npx fairway restore --env local");
  await expecting(0, "restore", "--env", "local", "--backup", "local-2", "--reason", "The disk", "--confirm");
  expect(await notes()).toEqual(["kept", "kept too"]);
});

it("the data that is removed takes its backups with it", async () => {
  expect((await expecting(0, "down", "--env", "local", "--remove-data")).output).toContain(
    "Its data is removed",
  );
  expect((await expecting(1, "restore", "--env", "local", "--reason", "x")).output).toContain(
    "there is no backup",
  );
});

async function expecting(exitCode: number, ...words: readonly string[]): Promise<Run> {
  const run = await repository.fairway(...words);
  expect(run.exitCode, run.output).toBe(exitCode);
  return run;
}

const ask = (text: string) => queryDatabase(repository, text);

async function notes(): Promise<string[]> {
  const rows = await queryDatabase<{ text: string }>(repository, 'SELECT text FROM "Note" ORDER BY id');
  return rows.map(({ text }) => text);
}

async function columns(): Promise<string[]> {
  const rows = await queryDatabase<{ name: string }>(
    repository,
    "SELECT column_name AS name FROM information_schema.columns WHERE table_name = 'Note' ORDER BY 1",
  );
  return rows.map(({ name }) => name);
}
