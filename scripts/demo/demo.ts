import { availableParallelism } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { copyExample } from "../copy-example.ts";
import { startRegistry, type PackageRegistry } from "../registry/registry.ts";
import type { LoadReport } from "./load/report.ts";
import { processesOf } from "./leftovers.ts";
import { expect, type Narrator } from "./narrator.ts";
import { perform, type Scene, type Story } from "./perform.ts";
import { Shop } from "./shop.ts";
import { startTraffic, trafficText, type Traffic } from "./traffic.ts";

/** Fewer would prove little about a rollout. */
const leastRequests = 1_000;
/** Beside them the machine builds images: what it could not answer at all would say nothing of a rollout. */
const requestsPerSecond = Math.min(200, 50 * availableParallelism());

/** The main job, end to end, on a copy of examples/shop. Throws when a promise of the story is not kept. */
async function tell(stage: Stage): Promise<void> {
  const { narrator, shop } = stage;

  narrator.chapter("A repository of yours: examples/shop, with Fairway added");
  narrator.say("Fairway is packed as it would be published, and served by a package registry on loopback.");
  stage.registry = await startRegistry();
  await copyExample("shop", shop.directory, {
    registryUrl: stage.registry.url,
    onCommand: (command) => {
      narrator.command(command);
    },
  });

  narrator.chapter("1. The first release: checks, images, database, two replicas of each service");
  stage.deployed = true;
  await shop.expectFairway(0, "deploy", "--env", "local");
  const first = await shop.status();
  expect(first.live !== null, "nothing is live after the first deploy");
  await visit((await shop.addresses()).web, narrator);

  narrator.chapter("2. An additive migration and new code, rolled out under load");
  await shop.applyCommit("0001");
  await shop.expectFairway(0, "check");
  await shop.expectFairway(0, "plan", "--env", "local");
  const second = await underLoad(stage, () => shop.expectFairway(0, "deploy", "--env", "local"));
  const live = (await shop.status()).live;
  expect(live !== null && live !== first.live, "the second release is not live");
  for (const version of [first.live, live]) {
    expect(second.versions[version] !== undefined, `${version} answered no request of the load`);
  }
  narrator.promise("no request failed, and both releases answered");

  narrator.chapter("3. A release that never becomes ready goes back by itself");
  await shop.applyCommit("0002");
  await shop.expectFairway(0, "check");
  await underLoad(stage, () => shop.expectFairway(4, "deploy", "--env", "local"));
  expect((await shop.status()).live === live, `${live} is not live any more`);
  narrator.promise(`exit code 4, ${live} is still live, and its customers noticed nothing`);

  narrator.chapter("4. What is live, what was, and back");
  await shop.expectFairway(0, "status");
  await shop.expectFairway(0, "history");
  await underLoad(stage, () => shop.expectFairway(0, "rollback", "--env", "local"));
  expect((await shop.status()).live === first.live, `the rollback did not bring ${first.live} back`);
  narrator.promise(`${first.live} is live again, and no request failed`);
  if (stage.keep) return;

  await shop.expectFairway(0, "down", "--env", "local");
  stage.deployed = false;
  await expectNothingRuns(shop.directory);
  narrator.promise("nothing stays running");
}

interface Stage {
  readonly narrator: Narrator;
  readonly shop: Shop;
  readonly keep: boolean;
  registry?: PackageRegistry;
  traffic?: Traffic;
  /** True from the first moment in which something of the environment may run. */
  deployed: boolean;
}

/** Runs `work` while customers send requests; none may fail. */
async function underLoad(stage: Stage, work: () => Promise<void>): Promise<LoadReport> {
  const { narrator, shop } = stage;
  const addresses = await shop.addresses();
  const rate = String(requestsPerSecond);
  narrator.say(
    `\n${rate} requests a second to ${addresses.web} and ${addresses.api}, from now until after the command`,
  );
  stage.traffic = startTraffic({ api: addresses.api, web: addresses.web, rate });
  await sleep(1_000);
  await work();
  await sleep(1_000);
  const report = await stage.traffic.stop();
  delete stage.traffic;
  console.log(`\n${trafficText(report)}`);
  expect(report.failed === 0, `${report.failed} of ${report.sent} requests failed`);
  expect(report.sent >= leastRequests, `only ${report.sent} requests were sent`);
  return report;
}

async function visit(url: string, narrator: Narrator): Promise<void> {
  const response = await fetch(url);
  const version = response.headers.get("x-shop-version");
  const title = /<title>(.*?)<\/title>/.exec(await response.text())?.[1];
  expect(response.ok && title !== undefined, `${url} answered ${response.status}`);
  narrator.promise(`${url} answers: “${title}”, release ${String(version)}`);
}

async function expectNothingRuns(directory: string): Promise<void> {
  // A process that has just been told to stop may need a moment.
  for (let attempt = 0; attempt < 50 && (await processesOf(directory)).length > 0; attempt++)
    await sleep(100);
  const left = await processesOf(directory);
  const list = left.map(({ processId, command }) => `  ${processId} ${command}`).join("\n");
  expect(left.length === 0, `still running after fairway down:\n${list}`);
}

function demo({ directory, narrator, keep }: Scene): Story {
  const stage: Stage = { narrator, shop: new Shop(join(directory, "shop"), narrator), keep, deployed: false };
  return {
    tell: () => tell(stage),
    stop: async (signal) => {
      stage.traffic?.kill();
      await stage.shop.stop(signal);
    },
    keptText: () =>
      `It keeps running, as asked. To look around, and to stop it:\n  cd ${stage.shop.directory}\n  npx fairway status\n  npx fairway down --env local`,
    close: async () => {
      if (stage.deployed && !keep) await stage.shop.down().catch(() => undefined);
      await stage.registry?.close();
    },
  };
}

if (import.meta.main) await perform("demo", demo);
