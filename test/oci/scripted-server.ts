import { createServer } from "node:http";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

export interface Received {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A server on loopback that answers as the test says, and remembers what it was asked. */
export async function scriptedServer(
  answer: (request: Received, response: ServerResponse, raw: IncomingMessage) => void | Promise<void>,
) {
  const received: Received[] = [];
  const server = createServer((raw, response) => {
    void (async () => {
      const { method = "", url = "", headers } = raw;
      const request = { method, url, headers, body: await buffer(raw).catch(() => Buffer.alloc(0)) };
      received.push(request);
      await answer(request, response, raw);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return {
    address,
    received,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
