import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ServiceRelease } from "../../../../src/model/plan.ts";
import {
  deployed,
  needs,
  release,
  replaceOperation,
  replicasOf,
  service,
  testEnvironment,
  until,
  urlOf,
  versionsThatAnswer,
} from "./fixtures.ts";

test("a replica is replaced by the new version, and the other ones stay as they are", async () => {
  await using environment = await deployed("v1");
  const before = await replicasOf(environment.target);
  const context = environment.context();
  const result = await environment.target.apply(replaceOperation("v2", 0), release("v2"), context);

  expect(result.observed).toMatch(/^api 1 \(v2, process \d+\) is ready and in rotation$/);
  const after = await replicasOf(environment.target);
  expect(after.map(({ index, version, inRotation }) => ({ index, version, inRotation }))).toEqual([
    { index: 0, version: "v2", inRotation: true },
    { index: 1, version: "v1", inRotation: true },
  ]);
  expect(after[1]?.processId).toBe(before[1]?.processId);
  expect(await versionsThatAnswer(environment)).toEqual(["v1", "v2"]);
  expect(environment.reports).toContainEqual(expect.stringMatching(/^draining api 1 \(v1/));
});

test("a batch of slots is replaced at the same time, some of them before their successors start", async () => {
  await using environment = await deployed("v1");
  const { target, reports } = environment;
  const batch = { ...replaceOperation("v2", 0), also: [1], unavailable: 1 };
  await target.apply(batch, release("v2"), environment.context());
  expect((await replicasOf(target)).map(({ index, version }) => [index, version])).toEqual([
    [0, "v2"],
    [1, "v2"],
  ]);
  const at = (what: RegExp) => reports.findIndex((line) => what.test(line));
  // The first gives way to its successor, the second waits for it; neither waits for the other.
  expect(at(/^draining api 1 \(v1/)).toBeLessThan(at(/^starting api 1 at v2/));
  expect(at(/^starting api 2 at v2/)).toBeLessThan(at(/^draining api 2 \(v1/));
  expect(at(/^starting api 2 at v2/)).toBeLessThan(at(/^api 1 \(v2.*in rotation/));
  // Done already: nobody is stopped for it.
  const again = await target.apply(batch, release("v2"), environment.context());
  expect(again.observed).toMatch(/^api 1 .* was ready already; api 2 .* was ready already$/);
});

test("what each version was asked is counted, from zero on", async () => {
  await using environment = await deployed("v1");
  const requests = async () =>
    ((await environment.target.traffic?.()) ?? []).map(({ service: name, version, requests: count }) => [
      ...[name, version, count],
    ]);
  expect(await requests()).toEqual([["api", "v1", 0]]);
  await fetch(await urlOf(environment.target));
  await expect.poll(requests).toEqual([["api", "v1", 1]]);
});

test("an operation that was done already is not done again, and one with other variables is", async () => {
  await using environment = await deployed("v1");
  const before = await replicasOf(environment.target);
  // As it comes back from a ledger: the same fields in another order.
  const [api] = release("v1").services;
  const sameService = Object.fromEntries(Object.entries(api!).toReversed()) as unknown as ServiceRelease;
  const again = await environment.target.apply(
    replaceOperation("v1", 0),
    release("v1", sameService),
    environment.context(),
  );
  expect(again.observed).toContain("was ready already");
  expect((await replicasOf(environment.target))[0]?.processId).toBe(before[0]?.processId);

  const changed = release("v1", service({ variables: { GREETING: "hello" } }));
  await environment.target.apply(replaceOperation("v1", 0), changed, environment.context());
  expect((await replicasOf(environment.target))[0]?.processId).not.toBe(before[0]?.processId);
});

test("a version that ends at once is not admitted: exit code and log are told, the old one is untouched", async () => {
  await using environment = await deployed("v1");
  const before = await replicasOf(environment.target);
  const broken = release("v2", service({ variables: { BEHAVIOUR: "exits" } }));
  await expect(
    environment.target.apply(replaceOperation("v2"), broken, environment.context()),
  ).rejects.toMatchObject({
    code: "REPLICA_EXITED",
    exitCode: 1,
    message: "api 1 at v2 ended with exit code 3 before it was ready; v1 is untouched",
    output: expect.stringContaining("cannot read the configuration") as string,
    place: expect.stringMatching(/\.log$/) as string,
    // The log's path is said once.
    remedy: undefined,
  });
  expect(await replicasOf(environment.target)).toEqual(before);
});

test("a version that is never ready is removed, and its answer to the probe is told", async () => {
  await using environment = await deployed("v1");
  const before = await replicasOf(environment.target);
  const broken = release("v2", slow({ BEHAVIOUR: "never-ready" }));
  await expect(
    environment.target.apply(replaceOperation("v2"), broken, environment.context()),
  ).rejects.toMatchObject({
    code: "REPLICA_NOT_READY",
    message:
      "api 1 at v2 was not ready within 1 s: GET /ready answered 503: the database does not answer; v1 is untouched",
  });
  expect(await replicasOf(environment.target)).toEqual(before);
  expect(await versionsThatAnswer(environment)).toEqual(["v1"]);
});

test("a version that listens somewhere else is told where it listens, and which port it should have listened on", async () => {
  await using environment = await deployed("v1");
  const broken = release("v2", slow({ BEHAVIOUR: "elsewhere" }));
  await expect(
    environment.target.apply(replaceOperation("v2"), broken, environment.context()),
  ).rejects.toMatchObject({
    code: "REPLICA_NOT_READY",
    message: expect.stringMatching(
      /^api 1 at v2 listens on \d+, but PORT is \d+: nothing answered there within 1 s; v1 is untouched$/,
    ) as string,
    output: expect.stringContaining("listening") as string,
    remedy: expect.stringContaining("PORT") as string,
  });
});

test("an interrupted replacement is undone", async () => {
  await using environment = await deployed("v1");
  const before = await replicasOf(environment.target);
  const interrupt = new AbortController();
  const broken = release("v2", service({ variables: { BEHAVIOUR: "never-ready" } }));
  const context = environment.context({ signal: interrupt.signal });
  const applied = environment.target.apply(replaceOperation("v2"), broken, context);
  await until(async () => (await replicasOf(environment.target)).length === 3);
  interrupt.abort();
  await expect(applied).rejects.toMatchObject({ code: "REPLICA_ABORTED" });
  expect(await replicasOf(environment.target)).toEqual(before);
});

test("a removed replica gets its requests answered first", async () => {
  await using environment = await deployed("v1");
  const url = await urlOf(environment.target);
  const inFlight = Promise.all([1, 2].map(async () => (await fetch(`${url}/slow?ms=700`)).status));
  await new Promise((resolve) => setTimeout(resolve, 150));
  const remove = { kind: "remove-replica", service: "api", index: 1 } as const;
  await environment.target.apply(remove, release("v1"), environment.context());
  expect(await inFlight).toEqual([200, 200]);
  expect((await replicasOf(environment.target)).map((replica) => replica.index)).toEqual([0]);
  const again = await environment.target.apply(remove, release("v1"), environment.context());
  expect(again.observed).toBe("api 2 was not running");
});

test("a smaller fencing token than the highest seen is refused, also after the supervisor was stopped", async () => {
  await using environment = await deployed("v1");
  await environment.target.prepare(environment.context({ fencingToken: 7 }), needs);
  const stale = environment.target.apply(
    replaceOperation("v2"),
    release("v2"),
    environment.context({ fencingToken: 6 }),
  );
  await expect(stale).rejects.toMatchObject({ code: "LEASE_LOST", exitCode: 5 });
  await environment.target.stop(environment.context({ fencingToken: 7 }), { removeData: true });
  const later = environment.target.prepare(environment.context({ fencingToken: 6 }), needs);
  await expect(later).rejects.toMatchObject({ code: "LEASE_LOST" });
});

test("services find each other by the proxies' addresses, and secrets reach only those that list them", async () => {
  await using environment = await testEnvironment();
  const marker = join(environment.directory, "environment.json");
  const web = service({
    name: "web",
    variables: { API_URL: "${services.api.url}/v1", MARKER: marker },
    secretNames: ["SESSION_SECRET"],
  });
  const secrets = { SESSION_SECRET: "canary-4711", OTHER_SECRET: "canary-4712" };
  const context = environment.context({ secrets });
  const prepared = await environment.target.prepare(context, {
    services: [...needs.services, { name: "web", port: 3041 }],
    postgres: null,
  });
  await environment.target.apply(replaceOperation("v1", 0, "web"), release("v1", service(), web), context);

  const given = JSON.parse(await readFile(marker, "utf8")) as Record<string, string>;
  expect(given).toMatchObject({
    API_URL: `${String(prepared.urls["api"])}/v1`,
    SESSION_SECRET: "canary-4711",
    HOST: "127.0.0.1",
    FAIRWAY_VERSION: "v1",
  });
  expect(given).not.toHaveProperty("OTHER_SECRET");
  for (const file of await readdir(join(environment.directory, "state"), {
    recursive: true,
    withFileTypes: true,
  })) {
    if (!file.isFile()) continue;
    expect(await readFile(join(file.parentPath, file.name), "utf8"), file.name).not.toContain("canary");
  }
  const [replica] = await replicasOf(environment.target, "web");
  expect(await readFile(`/proc/${String(replica?.processId)}/cmdline`, "utf8")).not.toContain("canary");
  const missing = environment.target.apply(
    replaceOperation("v2", 0, "web"),
    release("v2", web),
    environment.context(),
  );
  await expect(missing).rejects.toMatchObject({ code: "SECRET_MISSING", exitCode: 2 });
});

test("another value of a secret is told of those replicas that have the old one, by its name alone", async () => {
  await using environment = await testEnvironment();
  const old = { SESSION_SECRET: "canary-old-value", OTHER_SECRET: "canary-other" };
  const rotated = { ...old, SESSION_SECRET: "canary-new-value" };
  const wanted = release("v1", service({ secretNames: ["SESSION_SECRET"] }));
  const before = environment.context({ secrets: old });
  await environment.target.prepare(before, needs);
  for (const index of [0, 1]) await environment.target.apply(replaceOperation("v1", index), wanted, before);
  const changed = async (secrets: Record<string, string>) =>
    (await environment.target.observe(secrets)).services.flatMap(({ replicas }) =>
      replicas.map(({ changedSecrets }) => changedSecrets),
    );
  expect(await changed(old)).toEqual([undefined, undefined]);
  expect(await changed({ OTHER_SECRET: "another" })).toEqual([undefined, undefined]);
  expect(await changed(rotated)).toEqual([["SESSION_SECRET"], ["SESSION_SECRET"]]);

  const after = environment.context({ secrets: rotated });
  await environment.target.apply(replaceOperation("v1", 0), wanted, after);
  expect(await changed(rotated)).toEqual([undefined, ["SESSION_SECRET"]]);
  expect(JSON.stringify(await environment.target.observe(rotated))).not.toContain("canary");
});

function slow(variables: Record<string, string>) {
  return service({
    variables,
    probes: { startup: null, ready: "/ready", live: null, startupTimeoutSeconds: 1 },
  });
}

test("a secret that the application prints is in no log and no error", async () => {
  await using environment = await testEnvironment();
  const context = environment.context({ secrets: { SESSION_SECRET: "canary-4711-secret" } });
  await environment.target.prepare(context, needs);
  const leaking = release(
    "v1",
    service({ variables: { BEHAVIOUR: "leaks" }, secretNames: ["SESSION_SECRET"] }),
  );
  const error = await environment.target
    .apply(replaceOperation("v1"), leaking, context)
    .catch((caught: unknown) => caught);
  expect(error).toMatchObject({
    code: "REPLICA_EXITED",
    output: expect.stringMatching(/\nthe secret is \*\*\*, in base64 \*\*\*=*$/) as string,
  });
  const logs = join(environment.directory, "state", "logs");
  for (const file of await readdir(logs))
    expect(await readFile(join(logs, file), "utf8")).not.toMatch(/canary|Y2FuYXJ5/);
});

test("whoever holds the next lease does not wait for what the last one waits for", async () => {
  await using environment = await deployed("v1");
  const before = await replicasOf(environment.target);
  const broken = release("v2", service({ variables: { BEHAVIOUR: "never-ready" } }));
  const stale = environment.target.apply(
    replaceOperation("v2"),
    broken,
    environment.context({ fencingToken: 1 }),
  );
  const refused = expect(stale).rejects.toMatchObject({ code: "REPLICA_ABORTED" });
  await until(async () => (await replicasOf(environment.target)).length === 3);
  await environment.target.prepare(environment.context({ fencingToken: 2 }), needs);
  await refused;
  expect(await replicasOf(environment.target)).toEqual(before);
});
