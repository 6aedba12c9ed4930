import { randomUUID } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { Buyers } from "../../../scripts/demo/migrations/buyers.ts";
import { together } from "../../../scripts/demo/migrations/together.ts";

interface Stored {
  readonly customerEmail: string;
  readonly lines: readonly { readonly productId: number; readonly quantity: number }[];
}

const opened: (Server | Buyers)[] = [];
afterEach(() => {
  for (const one of opened.splice(0)) {
    if (one instanceof Buyers) one.stop();
    else one.close().closeAllConnections();
  }
});

describe("the buyers of the demo of migrations", () => {
  it("find each order again, whichever release wrote it and whichever is asked", async () => {
    const buyers = await visit((order) => order);
    await sleep(400);
    const { report, answers, readings } = await buyers.period();
    expect(report).toMatchObject({ failed: 0, failures: [] });
    expect(buyers.orders).toBeGreaterThan(5);
    const both = together(answers, readings, "old", "new");
    expect(both.milliseconds).toBeGreaterThan(0);
    expect(both.oldReadByNew).toBeGreaterThan(0);
    expect(both.newReadByOld).toBeGreaterThan(0);

    const all = await buyers.readAll();
    expect(all.report.failed).toBe(0);
    expect(all.readings).toHaveLength(buyers.orders);
  });

  it("take an order that has another address for one that failed", async () => {
    const buyers = await visit((order) => ({ ...order, customerEmail: "buyer-1@harbour.example" }));
    await sleep(400);
    const { report, readings } = await buyers.period();
    expect(report.failures[0]?.reason).toBe("body");
    expect(report.failed).toBeGreaterThan(5);
    expect(readings.every(({ writtenBy }) => writtenBy !== null)).toBe(true);
  });
});

describe("two releases that serve", () => {
  const at = (version: string, ...times: number[]) => times.map((time) => ({ version, at: time }));

  it("do so together from the first answer of the new one to the last of the old one", () => {
    const answers = [...at("a", 1, 2, 5, 9), ...at("b", 4, 8, 12)];
    expect(together(answers, [], "a", "b")).toMatchObject({ milliseconds: 5, ofOld: 2, ofNew: 2 });
  });

  it("do not when one comes after the other, or never", () => {
    expect(together([...at("a", 1, 2), ...at("b", 4)], [], "a", "b").milliseconds).toBe(0);
    expect(together(at("a", 1, 2), [], "a", "b")).toMatchObject({ milliseconds: 0, ofOld: 0, ofNew: 0 });
    expect(together([], [], "a", "b").milliseconds).toBe(0);
  });
});

/** Buyers of a shop, of which two releases answer in turn. @param found what is found of an order again */
async function visit(found: (order: Stored) => Stored): Promise<Buyers> {
  const orders = new Map<string, Stored>();
  let answered = 0;
  const server = createServer((request, response) => {
    response.setHeader("x-shop-version", answered++ % 3 === 0 ? "old" : "new");
    const answer = (status: number, reference: string, { customerEmail, lines }: Stored) => {
      const priced = lines.map((line) => ({ ...line, unitPriceCents: 100 }));
      const body = { reference, customerEmail, status: "PLACED", lines: priced, totalCents: 100 };
      response.writeHead(status).end(JSON.stringify(body));
    };
    if (request.method === "GET") {
      const reference = String(request.url).replace("/orders/", "");
      answer(200, reference, found(orders.get(reference)!));
      return;
    }
    let text = "";
    request.on("data", (part: Buffer) => (text += part.toString()));
    request.on("end", () => {
      const reference = randomUUID();
      if (request.headers["content-type"] === "application/json") {
        orders.set(reference, JSON.parse(text) as Stored);
        answer(201, reference, orders.get(reference)!);
        return;
      }
      const form = new URLSearchParams(text);
      const line = { productId: Number(form.get("product")), quantity: Number(form.get("quantity")) };
      orders.set(reference, { customerEmail: form.get("email")!, lines: [line] });
      response
        .writeHead(201)
        .end(`<strong>${reference}</strong> A confirmation goes to ${form.get("email")!}.`);
    });
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const buyers = new Buyers({ api: url, web: url }, 100);
  opened.push(buyers, server);
  return buyers;
}
