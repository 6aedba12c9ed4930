import { openDatabase } from "@shop/database";
import type { Order, Product } from "@shop/shared";
import { afterAll, describe, expect, it } from "vitest";
import { createApp } from "../../src/app.ts";
import { parseEnvironment } from "../../src/config/environment.ts";

const environment = parseEnvironment({ ...process.env, LOG_LEVEL: "silent", FAIRWAY_VERSION: "test" });
const database = openDatabase({ url: environment.DATABASE_URL, poolSize: 2 });
const app = createApp({ database, environment });

afterAll(() => app.close());

describe("the api on a migrated database", () => {
  it("is ready", async () => {
    expect((await app.inject("/health/readiness")).statusCode).toBe(200);
  });

  it("opens with a catalogue", async () => {
    const products = (await app.inject("/products")).json<Product[]>();
    expect(products).toHaveLength(12);
    expect(products[0]).toMatchObject({ sku: "DSK-001", category: "Desk", priceCents: 12_900 });
  });

  it("answers 404 for a product that it does not have", async () => {
    expect((await app.inject("/products/999999")).statusCode).toBe(404);
  });

  it("takes an order at today's prices, and finds it again", async () => {
    const [first, second] = (await app.inject("/products")).json<Product[]>() as [Product, Product];
    const response = await app.inject({
      method: "POST",
      url: "/orders",
      payload: {
        customerEmail: "ada@example.com",
        lines: [
          { productId: first.id, quantity: 2 },
          { productId: second.id, quantity: 1 },
        ],
      },
    });
    expect(response.statusCode).toBe(201);
    const order = response.json<Order>();
    expect(order.totalCents).toBe(2 * first.priceCents + second.priceCents);
    const again = await app.inject(String(response.headers.location));
    expect(again.json<Order>()).toEqual(order);
  });

  it("keeps nothing of an order for a product that does not exist", async () => {
    const before = await database.order.count();
    const response = await app.inject({
      method: "POST",
      url: "/orders",
      payload: { customerEmail: "ada@example.com", lines: [{ productId: 999_999, quantity: 1 }] },
    });
    expect(response.statusCode).toBe(400);
    expect(response.body).toContain("there is no product 999999");
    expect(await database.order.count()).toBe(before);
  });

  it("reports what was sold, down to the last line", async () => {
    const lines = (await app.inject("/reports/orders?seconds=0.1")).body.trim().split("\n");
    expect(lines[0]).toBe("sku,units,turnover_cents");
    expect(lines).toHaveLength(14);
    expect(lines.at(-1)).toMatch(/^total,\d+,\d+$/);
  });
});
