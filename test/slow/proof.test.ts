import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { repositoryOf } from "../e2e/support/repository.ts";

it("a deploy leaves a record that anybody can check, and a changed byte of either is named", async () => {
  await using repository = await repositoryOf("tiny");
  const deploy = await repository.fairway("deploy", "--env", "local");
  expect(deploy, deploy.output).toMatchObject({ exitCode: 0 });

  const record = join(repository.path, "record.json");
  const json = await repository.fairway(
    "record",
    "--deployment",
    "local-1",
    "--format",
    "json",
    "--out",
    record,
  );
  expect(json, json.output).toMatchObject({ exitCode: 0 });
  expect(JSON.parse(await readFile(record, "utf8"))).toMatchObject({
    _type: "https://in-toto.io/Statement/v1",
    predicate: { change: "local-1", outcome: "succeeded", risk: { level: "medium" } },
  });
  const page = await repository.fairway("record", "--deployment", "local-1", "--format", "html");
  expect(page.stdout).toMatch(/^<!doctype html>/);

  const verified = await repository.fairway("verify", "--env", "local", "--record", record);
  expect(verified, verified.output).toMatchObject({ exitCode: 0 });
  expect(verified.stdout).toMatch(/^the record of local-1 .* is what the ledger says/);
  expect(verified.stdout).toContain("the ledger of local (sqlite) is unbroken");

  const altered = join(repository.path, "altered.json");
  await writeFile(
    altered,
    (await readFile(record, "utf8")).replace('"outcome":"succeeded"', '"outcome":"succeedee"'),
  );
  const refused = await repository.fairway("verify", "--record", altered);
  expect(refused, refused.output).toMatchObject({ exitCode: 1 });
  expect(refused.output).toContain("RECORD_ALTERED");

  const file = join(repository.path, ".fairway/ledger.db");
  const database = new DatabaseSync(file);
  database.exec(`DROP TRIGGER events_are_not_changed;
    UPDATE events SET actor = 'x' || substr(actor, 2) WHERE type = 'deployment-succeeded'`);
  database.close();
  const broken = await repository.fairway("verify");
  expect(broken, broken.output).toMatchObject({ exitCode: 1 });
  expect(broken.output).toMatch(
    /LEDGER_BROKEN[^]*\(deployment-succeeded of local-1\): its content has the hash sha256:/,
  );
  expect((await repository.fairway("down", "--env", "local")).exitCode).toBe(0);
}, 180_000);
