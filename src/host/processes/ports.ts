import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** Below Linux's range for outgoing connections, so that no client's socket takes one between choice and use. */
const replicaPorts = { first: 20_000, count: 10_000 };

/** A port of the address that nothing listens on, none of `taken`; another process may still be faster. */
export async function freePort(
  options: { readonly address?: string; readonly taken?: ReadonlySet<number> } = {},
): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = replicaPorts.first + randomInt(replicaPorts.count);
    if (options.taken?.has(port) !== true && (await isFree(port, options.address))) return port;
  }
  throw new Error(`no free port from ${String(replicaPorts.first)} on was found in 200 attempts`);
}

/** The first free port from `first` upwards: for addresses that people type. */
export async function freePortFrom(
  first: number,
  options: { readonly address?: string; readonly taken?: ReadonlySet<number> } = {},
): Promise<number> {
  for (let port = first; port < 65_536; port++) {
    if (options.taken?.has(port) !== true && (await isFree(port, options.address))) return port;
  }
  throw new Error(`no free port from ${String(first)} on`);
}

/** True when a server could listen there now. */
export function isFree(port: number, address = "127.0.0.1"): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => {
      resolve(false);
    });
    server.listen({ port, host: address, exclusive: true }, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
