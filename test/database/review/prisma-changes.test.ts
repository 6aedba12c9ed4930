import { describe, expect, it } from "vitest";
import { schemaChanges, schemasOf } from "./prisma/changes.ts";
import { recordedMigrations } from "./prisma/recorded.ts";
import { reviewOf } from "./prisma/review.ts";

const recorded = new Map(recordedMigrations().map((migration) => [migration.title, migration]));

describe("the review of what Prisma writes to", () => {
  it.each(schemaChanges)("$title: $phase, and old code $oldCode", async (change) => {
    const migration = recorded.get(change.title);
    expect(migration, "run npm run prisma-changes").toMatchObject(schemasOf(change));
    const { phase, oldCode } = await reviewOf(migration!);
    expect({ phase, oldCode }).toEqual({ phase: change.phase, oldCode: change.oldCode });
  });

  it("is of sixty changes and more, each with a title of its own", () => {
    expect(schemaChanges.length).toBeGreaterThanOrEqual(60);
    expect([...recorded.keys()]).toEqual(schemaChanges.map(({ title }) => title));
  });
});
