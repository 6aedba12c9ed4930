import type { Prisma, PrismaClient } from "@shop/database";
import type { Product } from "@shop/shared";
import type { FastifyInstance } from "fastify";
import { idParameter, parse } from "./parse.ts";

export function products(app: FastifyInstance, database: PrismaClient): void {
  app.get("/products", async (): Promise<Product[]> => {
    const rows = await database.product.findMany({ include: { category: true }, orderBy: { sku: "asc" } });
    return rows.map(toProduct);
  });

  app.get("/products/:id", async (request, reply): Promise<Product | undefined> => {
    const { id } = parse(idParameter, request.params);
    const row = await database.product.findUnique({ where: { id }, include: { category: true } });
    if (row === null) return reply.code(404).send({ error: `there is no product ${id}` });
    return toProduct(row);
  });
}

function toProduct(row: Prisma.ProductGetPayload<{ include: { category: true } }>): Product {
  const { id, sku, name, description, priceCents, stock, category } = row;
  return { id, sku, name, description, priceCents, stock, category: category.name };
}
