import { expect, test } from "vitest";
import { connect } from "node:net";
import { join } from "node:path";
import type { Target } from "../../../../src/model/target.ts";
import { localMetrics } from "../../../../src/providers/targets/local/local.ts";
import {
  deployed,
  killSupervisor,
  needs,
  release,
  replaceOperation,
  service,
  testEnvironment,
  until,
  urlOf,
} from "./fixtures.ts";

test("visitors get 503 with a page and when to come again, until they are let in", async () => {
  await using there = await deployed("v1");
  const { target } = there;
  expect(await statusOf(target)).toBe(200);
  const { observed } = await target.maintain!(true, there.context({ operationId: "local-2/0/1" }));
  expect(observed).toBe("visitors are answered 503");
  const answer = await fetch(await urlOf(target), { method: "POST", body: "x".repeat(100_000) });
  expect(answer.status).toBe(503);
  expect(answer.headers.get("retry-after")).toBe("30");
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(await answer.text()).toContain("Back in a moment");
  expect(await upgradeAnswer(target)).toContain("HTTP/1.1 503 Service Unavailable");
  expect((await target.observe()).maintenance).toMatchObject({ by: "local-2" });
  expect(JSON.stringify(await target.observe())).not.toContain("pass");

  await target.maintain!(false, there.context());
  expect(await statusOf(target)).toBe(200);
  expect((await target.observe()).maintenance).toBeNull();
});

test("what a person puts on is a person's, also where a deployment had put it on", async () => {
  await using there = await deployed("v1");
  await there.target.maintain!(true, there.context({ operationId: "local-2/0/1" }));
  await there.target.maintain!(true, there.context({ operationId: "maintenance/2" }));
  await there.target.maintain!(true, there.context({ operationId: "local-2/1/2" }));
  expect((await there.target.observe()).maintenance).toMatchObject({ by: "maintenance" });
});

test("smoke tests pass, and the replica does not see by what", async () => {
  await using there = await deployed("v1");
  await there.target.maintain!(true, there.context());
  const check = { service: "api", path: "/", status: 200, contains: '"version":"v1"' };
  expect((await there.target.smoke([check], there.context())).observed).toBe("1 smoke check passed");
  expect(await statusOf(there.target, { "fairway-maintenance-pass": "guessed" })).toBe(503);
});

test("a replica that needs another service is answered by it, and becomes ready, while visitors are not", async () => {
  await using there = await testEnvironment();
  const { target } = there;
  const context = there.context();
  const web = service({
    name: "web",
    replicas: 1,
    variables: { UPSTREAM: "${services.api.url}" },
    probes: { startup: null, ready: "/through", live: null, startupTimeoutSeconds: 10 },
  });
  const both = release("v1", service({ replicas: 1 }), web);
  await target.prepare(context, {
    services: [
      { name: "api", port: 1 },
      { name: "web", port: 2 },
    ],
    postgres: null,
  });
  await target.maintain!(true, context);
  await target.apply(replaceOperation("v1"), both, context);
  await target.apply(replaceOperation("v1", 0, "web"), both, context);
  const through = { service: "web", path: "/through", status: 200, contains: "200" };
  expect((await target.smoke([through], context)).observed).toBe("1 smoke check passed");
  for (const url of Object.values(await target.urls())) expect((await fetch(url)).status).toBe(503);
  await target.maintain!(false, context);
  await fetch(`${String((await target.urls())["web"])}/through`);
  const asked = async () =>
    ((await target.traffic?.()) ?? [])
      .filter(({ requests }) => requests > 0)
      .map((counted) => `${counted.service} by ${counted.origin}`)
      .sort();
  await expect.poll(asked).toEqual(["api by services", "web by fairway", "web by visitors"]);
});

test("who was let in before has as long to end as a replica has to drain, and is cut off then", async () => {
  await using there = await testEnvironment();
  const { target } = there;
  const draining = release("v1", service({ replicas: 1, drainSeconds: 1 }));
  await target.prepare(there.context(), needs);
  await target.apply(replaceOperation("v1"), draining, there.context());
  const url = await urlOf(target);
  const quick = fetch(`${url}/slow?ms=500`).then(({ status }) => status);
  const slow = fetch(`${url}/slow?ms=60000`).then(
    () => "answered",
    () => "cut off",
  );
  await expect
    .poll(async () => (await localMetrics(join(there.directory, "state"))) ?? "")
    .toMatch(/in_flight\{.*\} 2\n/);
  const { observed } = await target.maintain!(true, there.context());
  expect(observed).toBe("visitors are answered 503; 1 request did not end in time and was cut off");
  expect(there.reports).toContain("of visitors, 1 request did not end in time and was cut off");
  expect([await quick, await slow]).toEqual([200, "cut off"]);
});

test("a command that is interrupted while it waits for visitors waits no longer, and nobody stays inside", async () => {
  await using there = await deployed("v1");
  const slow = fetch(`${await urlOf(there.target)}/slow?ms=60000`).catch(() => "cut off");
  await expect
    .poll(async () => (await localMetrics(join(there.directory, "state"))) ?? "")
    .toMatch(/in_flight\{.*\} 1\n/);
  const interrupt = new AbortController();
  const on = there.target.maintain!(true, there.context({ signal: interrupt.signal }));
  await until(async () => (await there.target.observe()).maintenance != null);
  interrupt.abort();
  expect((await on).observed).toContain("1 request did not end in time");
  expect(await slow).toBe("cut off");
});

test("a new holder's lease is respected: a stale one opens no door", async () => {
  await using there = await deployed("v1");
  await there.target.maintain!(true, there.context({ fencingToken: 4 }));
  await expect(there.target.maintain!(false, there.context({ fencingToken: 3 }))).rejects.toMatchObject({
    code: "LEASE_LOST",
  });
  expect(await statusOf(there.target)).toBe(503);
});

test("it outlives the supervisor: whoever comes after a kill keeps visitors out, and says since when", async () => {
  await using there = await deployed("v1");
  await there.target.maintain!(true, there.context({ operationId: "local-2/0/1" }));
  const before = (await there.target.observe()).maintenance;
  await killSupervisor(join(there.directory, "state"));
  expect((await there.target.observe()).maintenance).toEqual(before);
  await there.target.prepare(there.context(), needs);
  await there.target.apply(replaceOperation("v1"), release("v1"), there.context());
  expect((await there.target.observe()).maintenance).toEqual(before);
  expect(await statusOf(there.target)).toBe(503);
});

async function statusOf(target: Target, headers: Record<string, string> = {}): Promise<number> {
  return (await fetch(await urlOf(target), { headers })).status;
}

/** What a WebSocket client is answered. */
async function upgradeAnswer(target: Target): Promise<string> {
  const { port } = new URL(await urlOf(target));
  const socket = connect(Number(port), "127.0.0.1");
  socket.write(
    "GET / HTTP/1.1\r\nHost: app\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  );
  let answer = "";
  for await (const chunk of socket) answer += String(chunk);
  return answer;
}
