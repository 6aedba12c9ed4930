import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { abortDeployment } from "../../src/delivery/recovery.ts";
import type { Ledger } from "../../src/model/ledger.ts";
import { openSqliteLedger } from "../../src/providers/ledgers/sqlite.ts";
import { readState, release } from "../../src/release/release.ts";
import { failureOf } from "../support/failure-of.ts";
import { fakeDelivery } from "../support/fake-delivery.ts";
import { fakeTarget, type FakeTarget } from "../support/fake-target.ts";
import { releaseContext } from "../support/release-context.ts";
import { releaseOf } from "../support/releases.ts";
import { virtualClock } from "../support/virtual-clock.ts";

const clock = virtualClock();
let directory: string;
let ledger: Ledger;
let target: FakeTarget;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "fairway-abort-"));
  ledger = await openSqliteLedger(join(directory, "ledger.db"), clock);
  target = fakeTarget();
  await deploy("v1");
  await cutOff("v2");
});
afterEach(async () => {
  await ledger.close();
  await rm(directory, { recursive: true });
});

it("that brings the environment back has done what was asked, and says what is live", async () => {
  const text = await abortDeployment(fakeDelivery({ ledger, target, clock }), "local", "wrong day", "text");
  expect(text).toMatchInlineSnapshot(`
    "v2 was aborted by ada@laptop: wrong day
    Went back: v1 is live in local.
    npx fairway status --env local"
  `);
  expect(Object.values(target.serving())).toEqual(["v1", "v1"]);
});

it("says the same to machines", async () => {
  const text = await abortDeployment(fakeDelivery({ ledger, target, clock }), "local", "", "json");
  expect(JSON.parse(text)).toMatchObject({
    ...{ outcome: "aborted", environment: "local", deployment: "local-2", live: "v1" },
  });
});

it("that does not bring it back is an error, as for any deployment", async () => {
  target.broken.add("v1");
  const error = await failureOf(
    abortDeployment(fakeDelivery({ ledger, target, clock }), "local", "wrong day", "text"),
  );
  expect(error).toMatchObject({ code: "WAY_BACK_FAILED", exitCode: 5 });
});

async function deploy(version: string, signal?: AbortSignal) {
  const context = releaseContext({ ledger, target, clock, ...(signal === undefined ? {} : { signal }) });
  const facts = { migrations: [], smoke: [], tags: [], standIns: [] };
  const after = (await readState(context)).lastChange;
  await release({ release: releaseOf(version, ["web"]), ...facts, after }, context);
}

async function cutOff(version: string) {
  const interrupt = new AbortController();
  target.onOperation = (title) => {
    if (title.endsWith("web/1")) interrupt.abort(new Error("SIGINT"));
  };
  await failureOf(deploy(version, interrupt.signal));
  target.onOperation = () => undefined;
}
