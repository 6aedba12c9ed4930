import { expect, it } from "vitest";
import { processTarget, release, replaceOperation, needs, testEnvironment, urlOf } from "./fixtures.ts";
import { join } from "node:path";

it("what the proxies count is at an address of its own on loopback, which stays the same", async () => {
  await using there = await testEnvironment();
  const context = there.context();
  expect((await there.target.observe()).metricsUrl).toBeUndefined();
  await there.target.prepare(context, needs);
  const { metricsUrl = "" } = await there.target.observe();
  expect(metricsUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/);
  await there.target.apply(replaceOperation("v1"), release("v1"), context);
  await (await fetch(await urlOf(there.target))).text();
  expect((await fetch(metricsUrl)).headers.get("content-type")).toContain("version=0.0.4");
  // Counted is what was answered, after it was.
  await expect
    .poll(async () => (await fetch(metricsUrl)).text())
    .toContain('fairway_http_requests_total{service="api",version="v1",origin="visitors",status="2xx"} 1');
  expect((await fetch(new URL("/snapshot", metricsUrl))).status).toBe(404);
  expect((await fetch(metricsUrl, { method: "POST" })).status).toBe(405);
  await there.target.stop(there.context({ fencingToken: 2 }), { removeData: false });
  await expect(fetch(metricsUrl)).rejects.toThrow();
  const again = await processTarget(join(there.directory, "state"));
  await again.prepare(there.context({ fencingToken: 3 }), needs);
  expect((await again.observe()).metricsUrl).toBe(metricsUrl);
});
