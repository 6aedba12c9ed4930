import { expect, test } from "vitest";
import { referenceIn } from "../../src/database/backup.ts";
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
