import { createServer } from "@shop/shared/server";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { ApiError, type Api } from "./api.ts";
import type { Environment } from "./config/environment.ts";
import { cataloguePage, orderPage, problemPage, productPage } from "./pages/pages.ts";

export interface AppOptions {
  readonly api: Api;
  readonly environment: Pick<Environment, "LOG_LEVEL" | "FAIRWAY_VERSION">;
}

const productId = z.object({ id: z.coerce.number().int().positive() });
const orderForm = z.object({
  email: z.email(),
  product: z.coerce.number().int().positive(),
  quantity: z.coerce.number().int().min(1).max(99),
});

/** The shop's pages, rendered on the server from what the api answers. */
export function createApp({ api, environment }: AppOptions): FastifyInstance {
  const app = createServer({
    logLevel: environment.LOG_LEVEL,
    version: environment.FAIRWAY_VERSION,
    checkReadiness: () => api.isReady(),
  });
  const version = environment.FAIRWAY_VERSION;

  app.addContentTypeParser(
    "application/x-www-form-urlencoded",
    { parseAs: "string" },
    (_request, body, done) => {
      done(null, Object.fromEntries(new URLSearchParams(String(body))));
    },
  );
  app.setErrorHandler((error, request, reply) => {
    request.log.error({ err: error }, "could not answer");
    const status = error instanceof ApiError ? 502 : 500;
    return reply.code(status).type("text/html; charset=utf-8").send(problemPage({ version, status }));
  });
  app.setNotFoundHandler((_request, reply) =>
    reply
      .code(404)
      .type("text/html; charset=utf-8")
      .send(problemPage({ version, status: 404 })),
  );

  app.get("/", async (_request, reply) => {
    reply.type("text/html; charset=utf-8");
    return cataloguePage({ version, products: await api.products() });
  });

  app.get("/products/:id", async (request, reply) => {
    const parameters = productId.safeParse(request.params);
    const product = parameters.success ? await api.product(parameters.data.id) : undefined;
    reply.type("text/html; charset=utf-8");
    if (product === undefined) return reply.code(404).send(problemPage({ version, status: 404 }));
    return productPage({ version, product });
  });

  app.post("/orders", async (request, reply) => {
    const form = orderForm.safeParse(request.body);
    reply.type("text/html; charset=utf-8");
    if (!form.success) return reply.code(400).send(problemPage({ version, status: 400 }));
    const { email, product, quantity } = form.data;
    const order = await api.order({ customerEmail: email, lines: [{ productId: product, quantity }] });
    return reply.code(201).send(orderPage({ version, order }));
  });
  return app;
}
