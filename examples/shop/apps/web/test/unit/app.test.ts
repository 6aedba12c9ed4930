import type { Order, OrderRequest, Product } from "@shop/shared";
import { describe, expect, it } from "vitest";
import { ApiError, type Api } from "../../src/api.ts";
import { createApp } from "../../src/app.ts";

const mug: Product = {
  id: 1,
  sku: "KIT-001",
  name: "Enamel <mug>",
  description: "Holds 350 ml.",
  category: "Kitchen",
  priceCents: 1450,
  stock: 3,
};

const environment = { LOG_LEVEL: "silent", FAIRWAY_VERSION: "1.2.3" } as const;

describe("the web", () => {
  it("renders the catalogue, escaped", async () => {
    const response = await createApp({ api: fakeApi(), environment }).inject("/");
    expect(response.statusCode).toBe(200);
    expect(response.body).toContain("<h1>Catalogue</h1>");
    expect(response.body).toContain("Enamel &#60;mug&#62;");
    expect(response.body).toContain("€14.50");
    expect(response.body).toContain("Release 1.2.3");
  });

  it("has a page for each product, and none for others", async () => {
    const app = createApp({ api: fakeApi(), environment });
    expect((await app.inject("/products/1")).body).toContain("3 in stock");
    expect((await app.inject("/products/2")).statusCode).toBe(404);
    expect((await app.inject("/products/mug")).statusCode).toBe(404);
  });

  it("passes an order on to the api", async () => {
    const taken: OrderRequest[] = [];
    const response = await postOrder(fakeApi(taken), "product=1&quantity=2&email=ada%40example.com");
    expect(response.statusCode).toBe(201);
    expect(response.body).toContain("€29.00");
    expect(taken).toEqual([{ customerEmail: "ada@example.com", lines: [{ productId: 1, quantity: 2 }] }]);
  });

  it("refuses a form that is not complete", async () => {
    expect((await postOrder(fakeApi(), "product=1")).statusCode).toBe(400);
  });

  it("says sorry, and is not ready, while the api fails", async () => {
    const fail = () => Promise.reject(new ApiError("/products", 503));
    const app = createApp({ api: { ...fakeApi(), products: fail, isReady: fail }, environment });
    expect((await app.inject("/")).statusCode).toBe(502);
    expect((await app.inject("/health/readiness")).statusCode).toBe(503);
    expect((await app.inject("/health/liveness")).statusCode).toBe(200);
  });
});

function postOrder(api: Api, payload: string) {
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  return createApp({ api, environment }).inject({ method: "POST", url: "/orders", headers, payload });
}

function fakeApi(taken: OrderRequest[] = []): Api {
  return {
    isReady: async () => undefined,
    products: async () => [mug],
    product: async (id) => (id === mug.id ? mug : undefined),
    order: async (request): Promise<Order> => {
      taken.push(request);
      const lines = request.lines.map((line) => ({ ...line, unitPriceCents: mug.priceCents }));
      const totalCents = lines.reduce((sum, line) => sum + line.quantity * line.unitPriceCents, 0);
      return {
        reference: "ref-1",
        customerEmail: request.customerEmail,
        status: "PLACED",
        lines,
        totalCents,
      };
    },
  };
}
