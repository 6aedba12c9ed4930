import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { isLoopbackRegistry } from "../../oci/oci.ts";
import { answerError, answerJson, RegistryRefusal } from "./answers.ts";
import { createRoutes } from "./routes.ts";
import { openStorage, removeOldDrafts } from "./storage.ts";
import { createUploads } from "./uploads.ts";

export interface RegistryServerOptions {
  /** The directory of the registry's content; one server at a time. */
  readonly root: string;
  /** Taken when it is free, else any free one. @default 0 */
  readonly preferredPort?: number;
}

export interface RegistryServer {
  /** `127.0.0.1:<port>` */
  readonly address: string;
  readonly port: number;
  /** Milliseconds since the last request ended; 0 while one is running. */
  idleMs(): number;
  close(): Promise<void>;
}

/** A registry of the OCI distribution API on 127.0.0.1, in this process. It is open to all users of this machine. */
export async function startRegistryServer(options: RegistryServerOptions): Promise<RegistryServer> {
  const storage = await openStorage(options.root);
  await removeOldDrafts(storage.drafts, 60 * 60_000);
  const handle = createRoutes(storage, createUploads(storage));
  const running = new Set<IncomingMessage>();
  let lastEndMs = performance.now();

  const server = createServer((request, response) => {
    running.add(request);
    response.once("close", () => {
      running.delete(request);
      lastEndMs = performance.now();
    });
    void answer(request, response, handle);
  });
  // Pushes of large layers take their time; a client that keeps a connection should find it open.
  server.requestTimeout = 60 * 60_000;
  server.keepAliveTimeout = 75_000;
  const port = await listen(server, options.preferredPort ?? 0);

  return {
    address: `127.0.0.1:${String(port)}`,
    port,
    idleMs: () => (running.size > 0 ? 0 : performance.now() - lastEndMs),
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeIdleConnections();
        setTimeout(() => {
          server.closeAllConnections();
        }, 2_000).unref();
      }),
  };
}

type Handler = ReturnType<typeof createRoutes>;

async function answer(request: IncomingMessage, response: ServerResponse, handle: Handler): Promise<void> {
  response.setHeader("docker-distribution-api-version", "registry/2.0");
  try {
    // A web page that made its own name point to this machine (DNS rebinding) sends that name.
    if (!isLoopbackRegistry(request.headers.host ?? ""))
      throw new RegistryRefusal(403, "DENIED", "this registry is reached as 127.0.0.1 or localhost");
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    if (url.pathname === "/v2/" || url.pathname === "/v2") answerJson(response, {});
    else await handle(request, response, url);
  } catch (error) {
    if (!(error instanceof RegistryRefusal)) console.error(new Date().toISOString(), request.method, error);
    answerError(response, error);
  } finally {
    // What was not read of a refused upload.
    request.resume();
  }
}

async function listen(server: Server, preferredPort: number): Promise<number> {
  try {
    return await listenOn(server, preferredPort);
  } catch (error) {
    if (preferredPort === 0 || (error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    return listenOn(server, 0);
  }
}

function listenOn(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => {
      server.off("error", reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
