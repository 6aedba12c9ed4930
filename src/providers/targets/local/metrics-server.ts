import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface MetricsServer {
  readonly url: string;
  readonly port: number;
  close(): void;
}

/** `GET /metrics` on loopback, for a Prometheus on this machine: counts by service and version, and no secret. */
export async function serveMetrics(port: number, text: () => string): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    const path = (request.url ?? "").replace(/\?.*$/, "");
    if (path !== "/metrics") return void response.writeHead(404).end("GET /metrics\n");
    if (request.method !== "GET" && request.method !== "HEAD") return void response.writeHead(405).end();
    response.writeHead(200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
    response.end(request.method === "HEAD" ? undefined : text());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${String(bound)}/metrics`,
    port: bound,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
