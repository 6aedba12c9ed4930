import type { Directory, File, Secret } from "@dagger.io/dagger";
import { expect, it } from "vitest";
import type { Delivery } from "../../src/delivery/delivery.ts";
import { migrations, type MigrationsOptions } from "../../src/delivery/migrations.ts";
import type { ReviewFormat } from "../../src/delivery/reports.ts";
import { isFairwayError } from "../../src/model/errors.ts";

const files: Readonly<Record<string, string>> = {
  "db/001_users.sql": "CREATE TABLE users (id bigint PRIMARY KEY, email text);",
  "db/002_index.sql": "CREATE INDEX users_email ON users (email);",
  "db/010_unknown.sql": "DO $$ BEGIN PERFORM 1; END $$;",
  "db/011_bad.sql": "SELECT FROM FROM;",
};

function fileOf(path: string): File {
  const found = { name: () => Promise.resolve(path), contents: () => Promise.resolve(files[path]!) };
  return found as unknown as File;
}

/** What a review of SQL may ask for: no ledger, no project, no config is here. */
function deliveryOf(paths: readonly string[]): Delivery {
  const source = {
    exists: (path: string) => Promise.resolve(paths.includes(path)),
    glob: () => Promise.resolve([...paths]),
    file: fileOf,
  } as unknown as Directory;
  return {
    input: { source },
    definition: { file: "fairway.yaml" },
    clock: { now: () => new Date("2026-06-01T00:00:00Z") },
    command: "npx fairway",
  } as unknown as Delivery;
}

async function ask(
  paths: readonly string[],
  options: Partial<MigrationsOptions> & { readonly env?: string } = {},
  format: ReviewFormat = "text",
) {
  const { env = "", ...rest } = options;
  try {
    const all = { after: "", postgres: 0, measure: false, explain: "", ...rest };
    return { exitCode: 0, answer: await migrations(deliveryOf(paths), env, all, format) };
  } catch (error) {
    if (!isFairwayError(error)) throw error;
    return { exitCode: error.exitCode, code: error.code, answer: error.answer, output: error.output };
  }
}

const all = Object.keys(files);

it("what is grave ends with 1, and its report is answered all the same", async () => {
  const { exitCode, code, answer } = await ask(all.slice(0, 2));
  expect({ exitCode, code }).toEqual({ exitCode: 1, code: "MIGRATIONS_UNSAFE" });
  expect(answer).toContain("index-not-concurrent");
});

it("what cannot be analysed or read is for a person: 3", async () => {
  for (const file of all.slice(2)) {
    const { exitCode, code, answer } = await ask([], { file: fileOf(file) }, "json");
    expect({ exitCode, code }).toEqual({ exitCode: 3, code: "MIGRATIONS_UNDECIDED" });
    expect(JSON.parse(answer!)).toMatchObject({ verdict: "insufficient", migrations: [{ path: file }] });
  }
});

it("what is safe is answered, in each format", async () => {
  for (const format of ["text", "json", "sarif", "markdown"] as const) {
    const { exitCode, answer } = await ask(all.slice(0, 1), {}, format);
    expect(exitCode).toBe(0);
    expect(answer).toMatch(/\S/);
  }
});

it("only those after the one that is named are judged, together", async () => {
  const { exitCode, answer } = await ask(all.slice(0, 3), { after: "002_index" }, "json");
  expect(exitCode).toBe(3);
  expect(JSON.parse(answer!)).toMatchObject({ migrations: [{ name: "010_unknown" }] });
});

it("one file alone does not know what was there: its table may be in use", async () => {
  expect((await ask(all, { file: fileOf("db/002_index.sql") })).exitCode).toBe(1);
});

it("a rule is explained without anything else", async () => {
  expect((await ask([], { explain: "drop-column" }, "markdown")).answer).toMatch(
    /^### `drop-column`: critical/,
  );
  const rules = JSON.parse((await ask([], { explain: "all" }, "json")).answer ?? "") as object[];
  expect(rules.length).toBeGreaterThan(10);
});

it("bad input ends with 2 and says why", async () => {
  expect(await ask(all, { explain: "nope" })).toMatchObject({ exitCode: 2, code: "RULE_UNKNOWN" });
  expect(await ask(all, { explain: "drop-colum" })).toMatchObject({
    output: "drop-column\ndrop-constraint",
  });
  expect(await ask(all, { explain: "all" }, "sarif")).toMatchObject({ exitCode: 2, code: "FLAG_WRONG" });
  expect(await ask(all, { after: "nope" })).toMatchObject({ exitCode: 2, code: "MIGRATION_UNKNOWN" });
  expect(await ask(all, { postgres: 170 })).toMatchObject({ exitCode: 2, code: "FLAG_WRONG" });
  expect(await ask(all, { env: "staging" })).toMatchObject({ exitCode: 2, code: "FLAG_WRONG" });
  expect(await ask(all, { file: fileOf(all[0]!), after: "x" })).toMatchObject({
    exitCode: 2,
    code: "FLAG_WRONG",
  });
  expect(await ask([...all, "fairway.yaml"], { after: "x" })).toMatchObject({
    exitCode: 2,
    code: "FLAG_WRONG",
  });
  expect(await ask(["README.md"])).toMatchObject({ exitCode: 2, code: "CONFIG_MISSING" });
  expect(await ask([...all, "other/1_x.sql"])).toMatchObject({ exitCode: 2, code: "MIGRATIONS_AMBIGUOUS" });
});

it("locks are measured on what is applied, and a database is asked for their sizes alone: else it is wrong input", async () => {
  const database = {} as unknown as Secret;
  for (const options of [
    { measure: true },
    { measure: true, file: fileOf(all[0]!) },
    { database },
    { measure: true, after: "nothing" },
  ])
    expect(await ask(all.slice(0, 2), options)).toMatchObject({ exitCode: 2 });
});
