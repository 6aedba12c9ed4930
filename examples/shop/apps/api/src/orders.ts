import type { Prisma, PrismaClient } from "@shop/database";
import type { Order } from "@shop/shared";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { parse } from "./parse.ts";

const orderRequest = z.object({
  customerEmail: z.email(),
  lines: z
    .array(z.object({ productId: z.number().int().positive(), quantity: z.number().int().min(1).max(99) }))
    .min(1)
    .max(50)
    .refine((lines) => new Set(lines.map((line) => line.productId)).size === lines.length, {
      error: "a product may stand in one line only",
    }),
});

const orderReference = z.object({ reference: z.uuid() });

export function orders(app: FastifyInstance, database: PrismaClient): void {
  app.post("/orders", async (request, reply): Promise<Order> => {
    const { customerEmail, lines } = parse(orderRequest, request.body);
    const wanted = lines.map((line) => line.productId);
    const found = await database.product.findMany({ where: { id: { in: wanted } } });
    const prices = new Map(found.map((product) => [product.id, product.priceCents]));

    const row = await database.order.create({
      data: {
        customerEmail,
        lines: {
          create: lines.map(({ productId, quantity }) => {
            const unitPriceCents = prices.get(productId);
            if (unitPriceCents === undefined) throw badRequest(`there is no product ${productId}`);
            return { productId, quantity, unitPriceCents };
          }),
        },
      },
      include: { lines: true },
    });
    reply.code(201).header("location", `/orders/${row.reference}`);
    return toOrder(row);
  });

  app.get("/orders/:reference", async (request, reply): Promise<Order | undefined> => {
    const { reference } = parse(orderReference, request.params);
    const row = await database.order.findUnique({ where: { reference }, include: { lines: true } });
    if (row === null) return reply.code(404).send({ error: `there is no order ${reference}` });
    return toOrder(row);
  });
}

function toOrder(row: Prisma.OrderGetPayload<{ include: { lines: true } }>): Order {
  const lines = row.lines.map(({ productId, quantity, unitPriceCents }) => ({
    productId,
    quantity,
    unitPriceCents,
  }));
  const totalCents = lines.reduce((sum, line) => sum + line.quantity * line.unitPriceCents, 0);
  return {
    reference: row.reference,
    customerEmail: row.customerEmail,
    status: row.status,
    lines,
    totalCents,
  };
}

function badRequest(message: string): Error {
  return Object.assign(new Error(message), { statusCode: 400 });
}
