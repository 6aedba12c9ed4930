import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { randomUUID } from "node:crypto";

/** What the fake answers for a query: data, or errors as the engine writes them. */
export type Answer = (query: string) => unknown;

/** A session server that answers from a function: enough of the wire for the unmodified client. */
export async function startFakeSession(answer: Answer) {
  const token = randomUUID();
  const queries: string[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const expected = `Basic ${Buffer.from(`${token}:`).toString("base64")}`;
      if (request.headers.authorization !== expected) return response.writeHead(401).end();
      const { query } = JSON.parse(Buffer.concat(chunks).toString()) as { query: string };
      const squeezed = query.replace(/\s+/g, " ").trim();
      queries.push(squeezed);
      if (squeezed.includes("tide")) return undefined;
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer(squeezed)));
      return undefined;
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    token,
    queries,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}

/** Answers for the functions of the harbor fixture. */
export const harborAnswers: Answer = (query) => {
  if (query.includes("version")) return { data: { version: "v0.21.8" } };
  if (query.includes("entries")) return { data: { host: { directory: { entries: ["a.txt", "b.txt"] } } } };
  if (query.includes("plaintext")) return { data: { secret: { plaintext: "hunter2" } } };
  if (query.includes("missing"))
    return { data: null, errors: [{ message: "no such file", path: ["directory", "file", "contents"] }] };
  if (query.includes("withExec"))
    return {
      data: null,
      errors: [
        {
          message: "exit code: 3",
          path: ["container", "from", "withExec", "sync"],
          extensions: {
            _type: "EXEC_ERROR",
            cmd: ["sh", "-c", "exit 3"],
            exitCode: 3,
            stdout: "out",
            stderr: "boom",
          },
        },
      ],
    };
  return { data: null, errors: [{ message: `the fake has no answer for ${query}` }] };
};
