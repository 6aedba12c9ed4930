import Fastify, { type FastifyInstance, LogController } from "fastify";

export interface ServerOptions {
  readonly logLevel: string;
  /** The release that this process belongs to; every response carries it as `x-shop-version`. */
  readonly version: string;
  /** Rejects while the process cannot do its work. */
  readonly checkReadiness: () => Promise<void>;
}

/** A Fastify server with what every service of the shop has: health, its version, and an orderly end. */
export function createServer({ logLevel, version, checkReadiness }: ServerOptions): FastifyInstance {
  // While it closes, the server still answers what reaches it: a load balancer may be a moment behind.
  const app = Fastify({
    logger: { level: logLevel },
    logController: new LogController({
      disableRequestLogging: (request) => /^\/(health|metrics)\b/.test(request.url),
    }),
    return503OnClosing: false,
    forceCloseConnections: "idle",
  });
  let closing = false;

  app.addHook("preClose", async () => {
    closing = true;
  });
  app.addHook("onSend", async (_request, reply) => {
    reply.header("x-shop-version", version);
    if (closing) reply.header("connection", "close");
  });

  app.get("/health/liveness", async () => ({ status: "alive" }));
  app.get("/health/startup", async () => ({ status: "started", version }));
  app.get("/health/readiness", async (request, reply) => {
    if (closing) return reply.code(503).send({ status: "closing" });
    try {
      await checkReadiness();
      return { status: "ready" };
    } catch (error) {
      request.log.warn({ err: error }, "not ready");
      return reply.code(503).send({ status: "not ready" });
    }
  });
  return app;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Listens until SIGTERM or SIGINT; then finishes the requests in flight, and the process ends by itself. */
export async function serve(app: FastifyInstance, address: Address): Promise<void> {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      app.log.info({ signal }, "closing");
      app.close().catch((error: unknown) => {
        app.log.error({ err: error }, "could not close");
        process.exitCode = 1;
      });
    });
  }
  await app.listen(address);
}
