import { get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createServer } from "../../src/server.ts";

const options = { logLevel: "silent", version: "1.2.3", checkReadiness: async () => undefined };

describe("a server of the shop", () => {
  it("says which release answered", async () => {
    const response = await createServer(options).inject("/health/liveness");
    expect(response.statusCode).toBe(200);
    expect(response.headers["x-shop-version"]).toBe("1.2.3");
  });

  it("is not ready while its check fails", async () => {
    const app = createServer({
      ...options,
      checkReadiness: async () => {
        throw new Error("no database");
      },
    });
    const response = await app.inject("/health/readiness");
    expect(response.statusCode).toBe(503);
    expect(response.body).not.toContain("no database");
  });

  it("finishes the requests in flight when it closes", async () => {
    const app = createServer(options);
    const arrived = Promise.withResolvers<undefined>();
    app.get("/slow", async () => {
      arrived.resolve(undefined);
      await sleep(200);
      return "done";
    });
    const address = await app.listen({ host: "127.0.0.1", port: 0 });
    const answer = fetchText(`${address}/slow`);
    await arrived.promise;
    await app.close();
    expect(await answer).toEqual({ body: "done", connection: "close" });
  });
});

function fetchText(url: string): Promise<{ body: string; connection: string | undefined }> {
  return new Promise((resolve, reject) => {
    get(url, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (text: string) => (body += text));
      response.on("end", () => {
        resolve({ body, connection: response.headers.connection });
      });
    }).on("error", reject);
  });
}
