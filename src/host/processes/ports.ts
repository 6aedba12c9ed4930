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

/** Those above 1023 that browsers and fetch refuse to ask. @see https://fetch.spec.whatwg.org/#port-blocking */
const refusedByBrowsers = new Set([
  ...[1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566],
  ...[6665, 6666, 6667, 6668, 6669, 6679, 6697, 10_080],
]);

/** The first free port from `first` upwards: for addresses that people type, and open in a browser. */
export async function freePortFrom(
  first: number,
  options: { readonly address?: string; readonly taken?: ReadonlySet<number> } = {},
): Promise<number> {
  for (let port = first; port < 65_536; port++) {
    if (refusedByBrowsers.has(port) || options.taken?.has(port) === true) continue;
    if (await isFree(port, options.address)) return port;
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
