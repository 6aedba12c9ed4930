import { describe, expect, it } from "vitest";
import { migrationFile, reviewMigrations } from "../../../src/database/database.ts";
import { listed, named, quoted, typeText } from "../../../src/database/review/rules/names.ts";

const reservedWords = (
  "all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation " +
  "column concurrently constraint create cross current_catalog current_date current_role current_schema current_time " +
  "current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign freeze " +
  "from full grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit " +
  "localtime localtimestamp natural not notnull null offset on only or order outer overlaps placing primary references " +
  "returning right select session_user similar some symmetric system_user table tablesample then to trailing true " +
  "union unique user using variadic verbose when where window with between bigint bit char date int interval json " +
  "numeric time timestamp values varchar xml key value type name position"
).split(" ");

async function parses(sql: string) {
  const { migrations } = await reviewMigrations([migrationFile("1", "1.sql", sql)]);
  return migrations[0]!.findings.every(({ rule }) => rule !== "unreadable");
}

describe("the names in a rule's safe way", () => {
  it("can be read whatever word of SQL they are", async () => {
    for (const word of reservedWords) {
      const sql = `ALTER TABLE ${quoted(word)} ADD COLUMN ${quoted(word)} int, ADD CONSTRAINT ${named(word)} CHECK (true)`;
      expect(await parses(sql), word).toBe(true);
    }
  });

  it("keep their case, their schema and their quotes", () => {
    expect(["User", "billing.Order", 'a"b', "plain_1"].map(quoted)).toEqual([
      '"User"',
      'billing."Order"',
      '"a""b"',
      "plain_1",
    ]);
  });

  it("are no longer than PostgreSQL reads, and keep what they end in", () => {
    const name = named("billing.orders", "a".repeat(80), "idx");
    expect(name).toHaveLength(63);
    expect(name).toMatch(/^orders_a+_idx$/);
    expect(named("orders", "email", "idx")).toBe("orders_email_idx");
  });

  it("are types as they can be written", () => {
    const base = { modifiers: [], array: false, serial: false };
    expect(typeText({ ...base, name: "numeric", modifiers: [65, 30] })).toBe("numeric(65, 30)");
    expect(typeText({ ...base, name: "Role", array: true })).toBe('"Role"[]');
    expect(typeText({ ...base, name: "int8", serial: true })).toBe("bigserial");
    expect(typeText({ ...base, name: "int8" })).toBe("bigint");
  });

  it("are told in a list that stays short", () => {
    expect([["a"], ["a", "b"], ["a", "b", "c"], ["a", "b", "c", "d", "e"]].map(listed)).toEqual([
      "a",
      "a and b",
      "a, b and c",
      "a, b and 3 more",
    ]);
  });
});
