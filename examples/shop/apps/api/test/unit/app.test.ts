import { openDatabase } from "@shop/database";
import { afterAll, describe, expect, it } from "vitest";
import { createApp } from "../../src/app.ts";

// Nothing listens there: these tests are about the api without its database.
const database = openDatabase({ url: "postgresql://127.0.0.1:1/none", poolSize: 1 });
const environment = { LOG_LEVEL: "silent", READINESS_TIMEOUT_MS: 500, FAIRWAY_VERSION: "test" } as const;
const app = createApp({ database, environment });

afterAll(() => app.close());

describe("the api without its database", () => {
  it("is alive, but not ready", async () => {
    expect((await app.inject("/health/liveness")).statusCode).toBe(200);
    expect((await app.inject("/health/startup")).statusCode).toBe(200);
    expect((await app.inject("/health/readiness")).statusCode).toBe(503);
  });

  it.each([
    ["no body", undefined],
    ["no lines", { customerEmail: "ada@example.com", lines: [] }],
    ["a malformed address", { customerEmail: "ada", lines: [{ productId: 1, quantity: 1 }] }],
    ["a quantity of zero", { customerEmail: "ada@example.com", lines: [{ productId: 1, quantity: 0 }] }],
    [
      "one product twice",
      { customerEmail: "ada@example.com", lines: [1, 1].map((productId) => ({ productId, quantity: 1 })) },
    ],
  ])("refuses an order with %s", async (_what, body) => {
    const response = await app.inject({ method: "POST", url: "/orders", ...(body && { payload: body }) });
    expect(response.statusCode).toBe(400);
  });

  it("measures requests by route, not by path", async () => {
    await app.inject("/products/abc");
    const { body, headers } = await app.inject("/metrics");
    expect(headers["content-type"]).toContain("text/plain");
    expect(body).toContain(
      'http_request_duration_seconds_count{method="GET",route="/products/:id",status="400"} 1',
    );
  });
});
