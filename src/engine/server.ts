import { timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Answer, Ask } from "./query.ts";

/** Dagger's session protocol: `POST /query` on loopback, the token as the name of Basic authorization. */
export async function serve(
  token: string,
  answer: (ask: Ask) => Promise<Answer>,
): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    respond(request, response, token, answer).catch((error: unknown) => {
      send(response, 500, {
        errors: [{ message: error instanceof Error ? error.message : String(error) }],
        data: null,
      });
    });
  });
  // A query may wait for hours for its step.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    // The client opens a connection for each query: a pipeline that asks for 2,000 values at once has 2,000 wait here.
    server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, resolve);
  });
  return { port: (server.address() as AddressInfo).port, close: () => close(server) };
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  token: string,
  answer: (ask: Ask) => Promise<Answer>,
): Promise<void> {
  if (!isAuthorized(request, token))
    return void response.writeHead(401, { "www-authenticate": "Basic" }).end();
  const path = new URL(request.url ?? "/", "http://session").pathname;
  if (path !== "/query") return void response.writeHead(404).end();
  if (request.method !== "POST")
    return void send(response, 422, { errors: [{ message: "only POST is answered" }], data: null });
  const ask = parse(await body(request));
  if (ask === undefined)
    return void send(response, 400, {
      errors: [{ message: "the body is no JSON object with a query" }],
      data: null,
    });
  const { status, result } = await answer(ask);
  send(response, status, result);
}

function isAuthorized(request: IncomingMessage, token: string): boolean {
  const given = Buffer.from(request.headers.authorization ?? "");
  const wanted = Buffer.from(`Basic ${Buffer.from(`${token}:`).toString("base64")}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

async function body(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function parse(text: string): Ask | undefined {
  try {
    const value = JSON.parse(text) as {
      query?: unknown;
      variables?: unknown;
      operationName?: unknown;
    } | null;
    if (typeof value?.query !== "string") return undefined;
    return {
      query: value.query,
      variables:
        typeof value.variables === "object" ? (value.variables as Record<string, unknown> | null) : null,
      operationName: typeof value.operationName === "string" ? value.operationName : null,
    };
  } catch {
    return undefined;
  }
}

function send(response: ServerResponse, status: number, result: unknown): void {
  if (response.headersSent) return;
  response
    .writeHead(status, { "content-type": "application/graphql-response+json" })
    .end(JSON.stringify(result));
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
