import { expect } from "../narrator.ts";
import { perform, type Scene, type Story } from "../perform.ts";
import type { Behaviour } from "./checkout.ts";
import { Stage } from "./stage.ts";
import { summaryTable } from "./summary.ts";

const deploy = ["deploy", "--env", "local"];

/** So many customers that 40 % of them are 20. */
const quietHour = 50;

/**
 * Rollouts by canary and by blue-green, on real processes, under load. Throws when one of them ends in another way than
 * it has to, or when a request fails that is not the new version's own error.
 */
async function tell(stage: Stage): Promise<void> {
  const { narrator, checkout } = stage;
  narrator.chapter("A small service of yours, and its first release");
  narrator.say("Fairway is linked into it. How it is installed is shown by npm run demo.");
  const first = await stage.setUp();

  narrator.chapter("1. A good canary gets 40 %, 60 %, then all of the visitors");
  const good = await checkout.behave("The same, a little quicker", { milliseconds: 245 });
  await checkout.fairway(0, ["plan", "--env", "local"], "hold at 40 %", "hold at 60 %");
  await stage.underLoad({
    title: "a good canary",
    version: good,
    work: () => deployAndLook(stage, good, first),
    endings: ["pass", "pass"],
    outcome: "promoted",
  });
  await stage.expectOnly(good);
  narrator.promise(`${good} was as good as ${first} at 40 % and at 60 %, and has all visitors now`);

  narrator.chapter("2. A canary of which 3 % of the answers are errors");
  await badCanary(stage, good, "3 % errors", { errorPercent: 3 });

  narrator.chapter("3. A canary that is 40 % slower");
  await badCanary(stage, good, "40 % slower", { milliseconds: 343 });

  narrator.chapter("4. A canary in a quiet hour: 20 requests are no proof of anything");
  await quietCanary(stage, good);

  narrator.chapter("5. Blue-green: tested beside, switched at once");
  await blueGreen(stage, good);

  narrator.chapter("What is left of it");
  await checkout.fairway(0, ["history", "--env", "local"], "rolled back", "succeeded");
  await checkout.fairway(0, ["verify", "--env", "local"], "is unbroken");
  await stage.down();
  console.log(`\n${summaryTable(stage.rows)}`);
}

/** What a colleague sees who asks in the middle of it. */
async function deployAndLook(stage: Stage, version: string, live: string): Promise<void> {
  const { checkout } = stage;
  let isOver = false;
  const deployed = checkout.fairway(0, deploy, `${version} is live in local`).finally(() => (isOver = true));
  try {
    await stage.untilWeight(version, 40, () => isOver);
    await checkout.fairway(0, ["status"], `${live} on main is live`, `${version} beside gets `);
  } finally {
    await deployed;
  }
}

/** It is found out at its first step, and its visitors are given back. */
async function badCanary(
  stage: Stage,
  live: string,
  title: string,
  changes: Partial<Behaviour>,
): Promise<void> {
  const { checkout, narrator } = stage;
  const version = await checkout.behave(`A change that makes it worse: ${title}`, changes);
  const isFaulty = changes.errorPercent !== undefined;
  const says = ["40 % of the visitors is worse than what serves beside it", `${live} is live in local`];
  await stage.underLoad({
    ...{ title, version, isFaulty, endings: ["fail"], outcome: "rolled back at 40 %, exit 4" },
    work: async () => {
      await checkout.fairway(4, deploy, ...says);
    },
  });
  await stage.expectOnly(live);
  narrator.promise(`exit code 4: ${version} never got more than 40 %, and ${live} has all visitors again`);
  await checkout.revert();
}

async function quietCanary(stage: Stage, live: string): Promise<void> {
  const { checkout, narrator } = stage;
  const version = await checkout.behave("A change that nobody knows anything of", { milliseconds: 246 });
  let isOver = false;
  const held = checkout
    .fairway(
      3,
      deploy,
      "fewer than 100 never pass",
      "--answer done --operation 4",
      "--answer not-done",
      "abort",
    )
    .finally(() => (isOver = true));
  try {
    await stage.untilWeight(version, 40, () => isOver);
    const { failed, versions } = await stage.customers(quietHour);
    expect(failed === 0, `${String(failed)} of ${String(quietHour)} requests failed`);
    const reached = versions[version]?.answered ?? 0;
    expect(reached === 20, `${String(reached)} requests reached ${version}, not 20`);
  } finally {
    await held;
  }
  const { live: stays, weight } = await checkout.status();
  expect(stays === live && weight?.percent === 40, `${version} was promoted, or taken back`);
  await checkout.fairway(0, ["status"], "not settled", "40 % of the visitors of checkout");
  narrator.promise(`exit code 3: ${version} keeps its 40 %, and a person decides`);

  const abort = ["abort", "--env", "local", "--reason", "Nobody is there to try it"];
  await stage.underLoad({
    title: "20 requests, then an abort",
    version,
    endings: ["insufficient"],
    outcome: "held, exit 3; then back",
    work: async () => {
      await checkout.fairway(0, abort, `${live} is live in local`);
    },
  });
  await stage.expectOnly(live);
  narrator.promise(`${live} has all visitors again`);
  await checkout.revert();
}

async function blueGreen(stage: Stage, live: string): Promise<void> {
  const { checkout, narrator } = stage;
  await checkout.strategy("Blue-green from now on", { blueGreen: { bakeSeconds: 6 } });
  const green = await checkout.behave("A new look", { milliseconds: 240 });
  const switched = await stage.underLoad({
    title: "blue-green",
    version: green,
    endings: [],
    outcome: "tested beside, switched",
    work: async () => {
      await checkout.fairway(0, deploy, "smoke test of what runs beside", `${green} is live in local`);
    },
  });
  await stage.expectOnly(green);
  expect((switched.versions[live]?.answered ?? 0) > 0, `${live} answered nothing before the switch`);
  narrator.promise(`all visitors went from ${live} to ${green} at once, and none was lost`);

  narrator.say("\nThe next one is sound when it is tested, and no more a few seconds after customers came.");
  const unsound = await checkout.behave("Books that do not balance for long", { soundSeconds: 3 });
  await stage.underLoad({
    title: "blue-green, switched back",
    version: unsound,
    endings: [],
    outcome: "switched back, exit 4",
    work: async () => {
      await checkout.fairway(
        4,
        deploy,
        "answered 500 instead of 200 (3 looks in a row)",
        `${green} is live in local`,
      );
    },
  });
  await stage.expectOnly(green);
  narrator.promise(`exit code 4: ${green} was still there, and all visitors were switched back to it`);

  narrator.say("\nAnd one that is not sound at all: it is found out beside, before any visitor gets it.");
  const broken = await checkout.behave("Books that never balance", { soundSeconds: -Infinity });
  const { versions } = await stage.underLoad({
    title: "blue-green, not sound",
    version: broken,
    endings: [],
    outcome: "never switched to, exit 4",
    work: async () => {
      await checkout.fairway(4, deploy, `${green} is live in local`);
    },
  });
  await stage.expectOnly(green);
  expect(versions[broken] === undefined, `${broken} answered a customer`);
  narrator.promise(`exit code 4: no customer ever saw ${broken}`);
}

function canary(scene: Scene): Story {
  const stage = new Stage(scene);
  const { directory } = stage.checkout;
  return {
    tell: () => tell(stage),
    stop: (signal) => stage.stop(signal),
    keptText: () =>
      `Its repository is kept, as asked, and nothing of it runs:\n  cd ${directory}\n  npx fairway history`,
    close: () => stage.close(scene.keep),
  };
}

if (import.meta.main) await perform("canary", canary);
