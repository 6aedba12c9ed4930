import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readTableSizes } from "../../../../src/database/measure/run/sizes.ts";
import { queryDatabaseAt } from "../../../support/local-database.ts";
import { testServer, type TestServer } from "./server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await testServer();
});
afterAll(() => server[Symbol.asyncDispose]());

describe("the synthetic rows", () => {
  it("are of every type that a schema commonly has", async () => {
    const types = [
      ...["smallint", "int", "bigint", "real", "float8", "numeric(6,2)", "numeric", "money", "boolean"],
      ...[
        "text",
        "varchar(3)",
        "varchar(40)",
        "char(2)",
        "uuid",
        "date",
        "timestamp(3)",
        "timestamptz",
        "time",
      ],
      ...[
        "timetz",
        "interval",
        "json",
        "jsonb",
        "bytea",
        "inet",
        "cidr",
        "macaddr",
        "tsvector",
        "xml",
        "point",
      ],
      ...["bit(4)", "bit varying", "text[]", "int[]", "mood", "mood[]", "positive", "int4range", "tstzrange"],
    ];
    const columns = types.map((type, at) => `c${String(at)} ${type} NOT NULL`);
    const found = await server.problems(
      `CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE DOMAIN positive AS int CHECK (VALUE > 0);
       CREATE TABLE wide (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, ${columns.join(", ")},
         twice bigint GENERATED ALWAYS AS (id * 2) STORED);`,
      "ALTER TABLE wide ADD COLUMN more int;",
    );
    expect(found).toEqual({ tables: { wide: null }, rows: { wide: [320] }, statements: [null] });
  });

  it("hold to checks, also to those that the migration adds", async () => {
    const found = await server.problems(
      `CREATE TABLE offers (id int PRIMARY KEY, price int CHECK (price BETWEEN 1 AND 20), state text NOT NULL,
         code text CHECK (code = upper(code) AND length(code) = 8), starts date NOT NULL, ends date NOT NULL);`,
      `ALTER TABLE offers ADD CHECK (state IN ('open', 'closed'));
       ALTER TABLE offers ADD CHECK (ends > starts);`,
    );
    expect(found).toMatchObject({ tables: { offers: null }, statements: [null, null] });
  });

  it("are said to be missing where there can be none, and so is every figure of their table", async () => {
    const reasons = {
      checked: /no rows were found that its checks allow: .*md5/,
      odd: /nothing is known of the type pair of its column p/,
      moods: /only 2 of 320 rows were distinct/,
      parted: /PostgreSQL refused its rows: no partition of relation "parted" found/,
      referring: /odd, which it references, could not be filled/,
    };
    const found = await server.problems(
      `CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TYPE pair AS (a int, b int);
       CREATE TABLE checked (id int PRIMARY KEY, code text NOT NULL CHECK (md5(code) LIKE 'abcdef0123%'));
       CREATE TABLE odd (id int PRIMARY KEY, p pair NOT NULL);
       CREATE TABLE moods (mood mood PRIMARY KEY);
       CREATE TABLE parted (id int, at date) PARTITION BY RANGE (at);
       CREATE TABLE part PARTITION OF parted FOR VALUES FROM ('1990-01-01') TO ('1991-01-01');
       CREATE TABLE referring (id int PRIMARY KEY, odd int NOT NULL REFERENCES odd);`,
      Object.keys(reasons)
        .map((table) => `ALTER TABLE ${table} ADD COLUMN more int;`)
        .join("\n"),
    );
    const tables = Object.keys(reasons) as (keyof typeof reasons)[];
    for (const [at, table] of tables.entries()) {
      expect(found.tables[table]).toMatch(reasons[table]);
      expect(found.statements[at]).toBe(`${table} could not be filled: ${found.tables[table] ?? ""}`);
    }
  });
});

describe("a statement that cannot be measured", () => {
  it("says what PostgreSQL said, and those after it that it is missing", async () => {
    const found = await server.problems(
      "CREATE TABLE t (id int PRIMARY KEY);",
      "ALTER TABLE t ADD COLUMN a int; ALTER TABLE missing ADD COLUMN a int; ALTER TABLE t ADD COLUMN b int;",
    );
    expect(found.statements).toEqual([
      null,
      'PostgreSQL refuses it on empty tables: relation "missing" does not exist (42P01)',
      "a statement before it failed",
    ]);
  });

  it("is told apart from one that only the synthetic rows break", async () => {
    const found = await server.problems(
      "CREATE TABLE t (id int PRIMARY KEY, kind boolean);",
      "CREATE UNIQUE INDEX one_of_each ON t (kind); ALTER TABLE t ADD COLUMN b int;",
    );
    expect(found.statements).toEqual([
      expect.stringMatching(
        /^PostgreSQL refuses it on synthetic rows: could not create unique index/,
      ) as string,
      "a statement before it failed on synthetic rows",
    ]);
  });

  it("is one whose file cannot be read, or that takes something back", async () => {
    expect((await server.problems("SELECT 1;", "ALTER TABLE;")).statements).toEqual([
      expect.stringMatching(/parser cannot read the file: syntax error/) as string,
    ]);
    expect((await server.problems("SELECT 1;", "BEGIN; SAVEPOINT a; COMMIT;")).statements).toEqual([
      expect.stringMatching(/savepoint/) as string,
    ]);
  });

  it("ends the measurement where an earlier migration does not apply, and leaves no database", async () => {
    await expect(server.measure("CREATE TABLE t (id nothing);", "SELECT 1;")).rejects.toThrow(
      'the earlier migration 1_earlier does not apply: type "nothing" does not exist (42704)',
    );
    const left = "SELECT datname FROM pg_database WHERE datname LIKE 'fairway%'";
    expect(await queryDatabaseAt(server.postgres.url(), left)).toEqual([]);
  });
});

it("the sizes of a database's tables are those of its statistics, without the tables that were never analysed", async () => {
  const url = server.postgres.url();
  await queryDatabaseAt(
    url,
    `CREATE TABLE known AS SELECT generate_series(1, 500); ANALYZE known; CREATE TABLE unknown (id int);
     CREATE SCHEMA other; CREATE TABLE other.empty (id int); ANALYZE other.empty;
     CREATE TABLE parts (id int) PARTITION BY RANGE (id);
     CREATE TABLE part_1 PARTITION OF parts FOR VALUES FROM (1) TO (100);
     INSERT INTO parts SELECT generate_series(1, 50); ANALYZE part_1;`,
  );
  expect(await readTableSizes(`${url}?schema=public&connection_limit=1`)).toEqual({
    known: 500,
    parts: 50,
    "other.empty": 0,
  });
});
