import { expect, test } from "vitest";
import type { Secret } from "@dagger.io/dagger";
import { validateConfig } from "../../src/config/config.ts";
import { referenceIn } from "../../src/database/backup.ts";
import { scriptBackups } from "../../src/database/database.ts";
import { silentProgress } from "../../src/model/progress.ts";
import { openProject } from "../../src/steps/steps.ts";
import { type Call, fakeClient } from "../steps/fake-client.ts";
import { failureOf } from "../support/failure-of.ts";

const url = "postgresql://shop:hunter22-long@db.example.com/shop";
const named = async (printed: string) => referenceIn(printed, "db:backup", [url]);

test("a backup is called what its script prints last", async () => {
  expect(await named("dumping\nsnapshots/2026-03-02\n")).toBe("snapshots/2026-03-02");
});

test("a name that holds a secret is none: neither the URL of the database nor its password alone is written down", async () => {
  for (const secret of [url, "s3://backups/hunter22-long/1", "***"]) {
    const error = await failureOf(named(`dumping\n${secret}`));
    expect(error).toMatchObject({ code: "BACKUP_WITHOUT_NAME", exitCode: 1 });
    expect(error.message).not.toContain("hunter22");
  }
});

test("both scripts are told the operation of the journal and its fencing token: a store can refuse a stale one", async () => {
  const told: Record<string, readonly Call[]> = {};
  const fake = fakeClient({
    files: {
      "package.json": JSON.stringify({ scripts: { "db:backup": "b", "db:restore": "r" } }),
      "package-lock.json": "",
      "schema.prisma": "",
    },
    exec: (argv, chain) => {
      const script = argv.at(-1) ?? "";
      if (script.startsWith("db:")) told[script] = chain;
      return "snapshot-1";
    },
  });
  const config = validateConfig({ name: "shop", database: { prisma: { schema: "schema.prisma" } } }, "test");
  const backups = scriptBackups(
    await openProject(fake.client, fake.source, config),
    { backup: "db:backup", restore: "db:restore", secrets: [], environment: "production" },
    {
      database: () => ({ url: Object.create(null) as Secret, operationId: "unique" }),
      progress: silentProgress,
    },
  );
  const context = (operationId: string, fencingToken: number) => ({
    ...{ operationId, fencingToken, secrets: {} },
    ...{ signal: new AbortController().signal, report: () => undefined },
  });
  await backups.make({ id: "production-3", keep: null }, context("production-3/0/12", 12));
  const request = { backup: "production-3", reference: "snapshot-1", deployment: "production-4" };
  await backups.restore(request, context("production-4/1/13", 13));
  for (const [script, id, token] of [
    ["db:backup", "production-3/0/12", "12"],
    ["db:restore", "production-4/1/13", "13"],
  ] as const) {
    expect(told[script]).toContainEqual(["withEnvVariable", "FAIRWAY_OPERATION_ID", id]);
    expect(told[script]).toContainEqual(["withEnvVariable", "FAIRWAY_FENCING_TOKEN", token]);
  }
});
