import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { PrismaClient } from "@shop/database";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { parse } from "./parse.ts";

const reportQuery = z.object({
  /** Spreads the export over this time, so that it leaves the database to the customers. */
  seconds: z.coerce.number().min(0).max(30).default(0),
});

export function reports(app: FastifyInstance, database: PrismaClient): void {
  app.get("/reports/orders", async (request, reply) => {
    const { seconds } = parse(reportQuery, request.query);
    reply.type("text/csv; charset=utf-8");
    return reply.send(Readable.from(orderReport(database, seconds)));
  });
}

/** Units sold and turnover of each product, as CSV; the last line holds the sums. */
async function* orderReport(database: PrismaClient, seconds: number): AsyncGenerator<string> {
  const products = await database.product.findMany({
    select: { id: true, sku: true },
    orderBy: { sku: "asc" },
  });
  let units = 0;
  let turnoverCents = 0;
  yield "sku,units,turnover_cents\n";
  for (const product of products) {
    const lines = await database.orderLine.groupBy({
      by: ["unitPriceCents"],
      where: { productId: product.id },
      _sum: { quantity: true },
    });
    const sold = lines.map((line) => ({ units: line._sum.quantity ?? 0, priceCents: line.unitPriceCents }));
    const productUnits = sold.reduce((sum, line) => sum + line.units, 0);
    const productCents = sold.reduce((sum, line) => sum + line.units * line.priceCents, 0);
    units += productUnits;
    turnoverCents += productCents;
    yield `${product.sku},${productUnits},${productCents}\n`;
    if (seconds > 0) await sleep((seconds * 1_000) / products.length);
  }
  yield `total,${units},${turnoverCents}\n`;
}
