import { beforeEach, expect, it } from "vitest";
import { abortDeployment } from "../../src/delivery/recovery.ts";
import { failureOf } from "../support/failure-of.ts";
import { fakeDelivery } from "../support/fake-delivery.ts";
import { candidateOf, releaseOf } from "../support/releases.ts";
import { simulationForEachTest } from "../support/simulation/each-test.ts";

const here = simulationForEachTest();

beforeEach(async () => {
  await deploy("v1");
  await cutOff("v2");
});

it("that brings the environment back has done what was asked, and says what is live", async () => {
  const text = await abortDeployment(fakeDelivery(here), "local", "wrong day", "text");
  expect(text).toMatchInlineSnapshot(`
    "v2 was aborted by ada@laptop: wrong day
    Went back: v1 is live in local.
    npx fairway status --env local"
  `);
  expect(Object.values(here.target.serving())).toEqual(["v1", "v1"]);
});

it("says the same to machines", async () => {
  const text = await abortDeployment(fakeDelivery(here), "local", "", "json");
  expect(JSON.parse(text)).toMatchObject({
    ...{ outcome: "aborted", environment: "local", deployment: "local-2", live: "v1" },
  });
});

it("that does not bring it back is an error, as for any deployment", async () => {
  here.target.broken.add("v1");
  const error = await failureOf(abortDeployment(fakeDelivery(here), "local", "wrong day", "text"));
  expect(error).toMatchObject({ code: "WAY_BACK_FAILED", exitCode: 5 });
});

async function deploy(version: string, signal?: AbortSignal) {
  const wanted = candidateOf(version, { release: releaseOf(version, ["web"]), smoke: [] });
  await here.deploy(wanted, here.context(signal === undefined ? {} : { signal }));
}

async function cutOff(version: string) {
  const interrupt = new AbortController();
  here.target.onOperation = (title) => {
    if (title.endsWith("web/1")) interrupt.abort(new Error("SIGINT"));
  };
  await failureOf(deploy(version, interrupt.signal));
  here.target.onOperation = () => undefined;
}
