import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { shownCommand } from "../../shown-command.ts";
import { expect } from "../narrator.ts";
import { perform, type Scene, type Story } from "../perform.ts";
import { setUp, Stage } from "./stage.ts";

/** From a commit to production and back, with people's consent. Throws when a promise of the story is not kept. */
async function tell(stage: Stage): Promise<void> {
  const { narrator } = stage;
  narrator.chapter("The shop, and what a company has around it, on loopback");
  const first = await setUp(stage);

  narrator.chapter("1. The first release: proven in staging, soaked, approved by two");
  await stage.fairway("staging", ["deploy", "--env", "staging"], 0, `${first} is live in staging: staging-1`);
  const firstSoak = stage.soak();
  await plan(stage, "first.json", "built on stand-ins (may run on this machine only)");
  await promote(stage, "first.json", 3, "2 more approvals");
  narrator.promise("exit code 3: held for people, and for the soak time");
  await stage.approve("first.json", "noor");
  await stage.approve("first.json", "lin");
  await firstSoak();
  await promote(stage, "first.json", 0, `${first} is live in production: production-1`);

  narrator.chapter("2. The second one: its author's approval does not count");
  const second = await stage.commit("0001");
  await stage.fairway(
    "staging",
    ["deploy", "--env", "staging"],
    0,
    `${second} is live in staging: staging-2`,
  );
  const secondSoak = stage.soak();
  await plan(stage, "second.json", "Mira Chen", "20261128101500_reviews  expand");
  await stage.approve("second.json", "mira");
  await promote(stage, "second.json", 3, "2 more approvals");
  await plan(stage, "again.json", "wrote commits of this plan (mira@harbour.example)");
  narrator.promise("Mira wrote it: hers is there for all to see, and does not count");
  await stage.approve("second.json", "noor");
  await stage.approve("second.json", "lin");
  await secondSoak();

  narrator.chapter("3. Killed in the middle, and resumed");
  await killWhileItRollsOut(stage, second);
  await stage.untilLeaseEnds();
  await stage.fairway(
    "production",
    ["status", "--env", "production"],
    0,
    "production-2",
    "its process is gone",
  );
  await stage.fairway(
    "production",
    ["resume", "--env", "production"],
    0,
    `${second} is live in production: production-2`,
  );
  narrator.promise("what was done is not done again, and the two approvals still hold");

  narrator.chapter("4. Back, in an emergency: one approval, and no waiting");
  const urgent = ["--emergency", "--reason", "Performance issue", "--ticket", "INC-42"];
  const back = ["plan", "--env", "production", "--rollback", ...urgent, "--out", "back.json"];
  await stage.fairway("production", back, 0, `production: ${second} -> ${first} (rollback)`);
  await stage.approve("back.json", "lin");
  await stage.fairway(
    "production",
    ["rollback", "--env", "production", "--plan", "back.json", ...urgent],
    0,
    `${first} is live again in production: production-3`,
  );

  narrator.chapter("5. What is left of it: history, proof, and the change record");
  await stage.fairway("production", ["history", "--env", "production"], 0, "Performance issue");
  await stage.fairway("production", ["verify", "--env", "production"], 0, "(git) is unbroken");
  await writeRecord(stage, second);
}

/** @param says what the plan must say, as people read it */
async function plan(stage: Stage, file: string, ...says: readonly string[]): Promise<void> {
  const words = ["plan", "--env", "production", "--from", "staging", "--out", file];
  await stage.fairway("production", words, 0, ...says);
}

const promoteWords = (file: string) => [
  ...["promote", "--from", "staging", "--to", "production"],
  ...["--plan", file],
];

async function promote(stage: Stage, file: string, exitCode: number, says: string): Promise<void> {
  await stage.fairway("production", promoteWords(file), exitCode, says);
}

/** At the operation that waits for the cluster: the commit that sets the images is made, and nobody saw it healthy. */
async function killWhileItRollsOut(stage: Stage, version: string): Promise<void> {
  const apply = stage.start("production", promoteWords("second.json"));
  const reached = await apply.printed(`✓ set the images of api, web to ${version}`);
  expect(reached, "the promotion ended before its images were set");
  stage.narrator.command(shownCommand(["kill", "-9", "--", `-${String(apply.processId)}`]));
  stage.killed();
  expect((await apply.killHard()) === "SIGKILL", "the promotion ended before it was killed");
  stage.narrator.promise("its process is gone, in the middle of an operation");
}

async function writeRecord(stage: Stage, version: string): Promise<void> {
  const file = join(stage.shop.directory, "record.html");
  const words = ["record", "--deployment", "production-2", "--format", "html", "--out", "record.html"];
  await stage.fairway("production", words, 0, "written: record.html");
  const page = await readFile(file, "utf8");
  expect(page.startsWith("<!doctype html>"), `${file} is no HTML page`);
  for (const text of [version, "noor@harbour.example", "lin@harbour.example"]) {
    expect(page.includes(text), `${file} does not name ${text}`);
  }
  stage.narrator.promise(`file://${file} names both who approved, and each operation`);
}

function promotion(scene: Scene): Story {
  const stage = new Stage(scene);
  return {
    tell: () => tell(stage),
    stop: (signal) => stage.shop.stop(signal),
    keptText: () =>
      `Its files are kept, as asked; the servers ended with it:\n  ${stage.shop.directory}/record.html\n  rm -rf ${scene.directory}`,
    close: () => stage.close(),
  };
}

if (import.meta.main) await perform("promotion", promotion);
