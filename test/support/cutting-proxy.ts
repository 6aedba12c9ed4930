import { createServer, connect, type Socket } from "node:net";

/**
 * What happens to what a client sends: passed on; the connection is cut before or after the server has it; or it never arrives, as
 * from a client that is paused.
 */
export type Fate = "pass" | "cut-before" | "cut-after" | "swallow";

export interface CuttingProxy extends AsyncDisposable {
  readonly port: number;
  /** Asked for every chunk that a client sends. */
  fate: (sent: Buffer) => Fate;
  /** Cuts all that are connected now. */
  cutAll(): void;
}

/** A TCP proxy in front of a server on loopback that cuts connections where it hurts. */
export async function startCuttingProxy(serverPort: () => number): Promise<CuttingProxy> {
  const clients = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(serverPort(), "127.0.0.1");
    clients.add(client);
    const cut = () => {
      clients.delete(client);
      client.destroy();
    };
    client.on("close", cut).on("error", cut);
    client.on("close", () => upstream.end());
    upstream.on("error", cut).on("close", cut);
    upstream.on("data", (data) => client.writable && client.write(data));
    client.on("data", (data: Buffer) => {
      const fate = proxy.fate(data);
      if (fate === "cut-before") {
        upstream.destroy();
        cut();
        return;
      }
      if (fate === "swallow") return;
      // The client is gone before the answer is; the server does what it was told.
      if (fate === "cut-after") cut();
      upstream.write(data);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const cutAll = () => {
    for (const client of clients) client.destroy();
  };
  const proxy: CuttingProxy = {
    port,
    fate: () => "pass",
    cutAll,
    [Symbol.asyncDispose]: async () => {
      cutAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}
