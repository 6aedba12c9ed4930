import { afterAll, beforeAll, expect, it } from "vitest";
import { testServer, type TestServer } from "../database/measure/run/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await testServer();
});
afterAll(() => server[Symbol.asyncDispose]());

it("synthetic rows hold to foreign keys: of chains, of a table to itself, in a circle, and of a table between two others", async () => {
  const found = await server.problems(
    `CREATE TABLE countries (code char(2) PRIMARY KEY);
     CREATE TABLE people (id int PRIMARY KEY, country char(2) NOT NULL, boss int NOT NULL, home int NOT NULL);
     CREATE TABLE homes (id uuid UNIQUE, number int PRIMARY KEY, owner int NOT NULL REFERENCES people);
     CREATE TABLE passports (id int PRIMARY KEY, person int NOT NULL UNIQUE);
     CREATE TABLE tags (id int PRIMARY KEY);
     CREATE TABLE tagged (person int NOT NULL, tag int NOT NULL, PRIMARY KEY (person, tag));`,
    `ALTER TABLE people ADD FOREIGN KEY (country) REFERENCES countries;
     ALTER TABLE people ADD FOREIGN KEY (boss) REFERENCES people;
     ALTER TABLE people ADD FOREIGN KEY (home) REFERENCES homes;
     ALTER TABLE passports ADD FOREIGN KEY (person) REFERENCES people;
     ALTER TABLE tagged ADD FOREIGN KEY (person) REFERENCES people, ADD FOREIGN KEY (tag) REFERENCES tags;`,
    {
      tables: { people: 1_000, tagged: 4_000, tags: 100, passports: 4_000, countries: 1_000, homes: 1_000 },
    },
  );
  expect(found.statements).toEqual([null, null, null, null, null]);
  expect(Object.values(found.tables)).toEqual(Array(6).fill(null));
  // Tables keep their proportions; who has at most one cannot be more.
  expect(found.rows).toMatchObject({
    tagged: [320],
    people: [80],
    passports: [80],
    tags: [16],
  });
});
