import { expect, it } from "vitest";
import { recordedMigrations } from "../database/review/prisma/recorded.ts";
import { writtenByPrisma } from "../../scripts/prisma-changes/prisma.ts";
import { testServer } from "../database/measure/run/server.ts";

it("Prisma writes the migrations that are recorded", async () => {
  await using server = await testServer();
  expect(await writtenByPrisma(server.postgres.url())).toEqual(recordedMigrations());
});
