import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { systemClock } from "../../../src/model/clock.ts";
import { smokeTest } from "../../../src/providers/targets/smoke.ts";
import { failureOf } from "../../support/failure-of.ts";

let server: Server;
let asked = 0;

/** Its first answer is no good, as that of a service whose cache is cold. */
beforeEach(async () => {
  asked = 0;
  server = createServer((_request, response) => {
    asked += 1;
    response.writeHead(asked === 1 ? 500 : 200).end("hello");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
});

afterEach(() => {
  server.close().closeAllConnections();
});

function smoke(tries?: "once") {
  const checks = [{ service: "web", path: "/", status: 200, contains: "hello" }];
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return smokeTest(checks, {
    ...{ urls: { web: url }, clock: systemClock, signal: new AbortController().signal, tries },
    ...{ scrub: (text) => text, report: () => undefined, remedy: () => "" },
  });
}

it("gives a service that was just switched a moment", async () => {
  expect((await smoke()).observed).toBe("1 smoke check passed");
  expect(asked).toBe(2);
});

it("takes the first answer for those who ask again anyway", async () => {
  expect((await failureOf(smoke("once"))).message).toMatch(/GET \/ answered 500 instead of 200/);
  expect(asked).toBe(1);
});
