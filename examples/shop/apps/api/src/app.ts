import { ping, type PrismaClient } from "@shop/database";
import { createServer } from "@shop/shared/server";
import type { FastifyInstance } from "fastify";
import type { Environment } from "./config/environment.ts";
import { measure } from "./metrics.ts";
import { orders } from "./orders.ts";
import { products } from "./products.ts";
import { reports } from "./reports.ts";

export interface AppOptions {
  readonly database: PrismaClient;
  readonly environment: Pick<Environment, "LOG_LEVEL" | "READINESS_TIMEOUT_MS" | "FAIRWAY_VERSION">;
}

/** The api, ready to listen. It owns the database client and closes it at its end. */
export function createApp({ database, environment }: AppOptions): FastifyInstance {
  const app = createServer({
    logLevel: environment.LOG_LEVEL,
    version: environment.FAIRWAY_VERSION,
    checkReadiness: () => ping(database, environment.READINESS_TIMEOUT_MS),
  });
  app.addHook("onClose", () => database.$disconnect());
  measure(app);
  products(app, database);
  orders(app, database);
  reports(app, database);
  return app;
}
