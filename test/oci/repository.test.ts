import { createHash } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import type { Clock } from "../../src/model/clock.ts";
import { blobOf, mediaTypes, openRepository } from "../../src/oci/oci.ts";
import type { RepositoryOptions } from "../../src/oci/oci.ts";
import { scriptedServer } from "./scripted-server.ts";

type Answer = Parameters<typeof scriptedServer>[0];
type Server = Awaited<ReturnType<typeof scriptedServer>>;

const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(answer: Answer): Promise<Server> {
  const server = await scriptedServer(answer);
  servers.push(server);
  return server;
}

/** Time passes at once; what was waited for is written down. */
function fastClock() {
  const waits: number[] = [];
  const clock: Clock = {
    now: () => new Date(Date.UTC(2026, 0, 1) + waits.reduce((sum, each) => sum + each, 0)),
    sleep: (milliseconds) => {
      waits.push(milliseconds);
      return Promise.resolve();
    },
  };
  return { clock, waits };
}

const open = (server: Server, options: RepositoryOptions = {}) =>
  openRepository(`${server.address}/acme/api`, { clock: fastClock().clock, ...options });

const content = Buffer.from("some layer");
const digest = `sha256:${createHash("sha256").update(content).digest("hex")}`;
const credentials = { username: "ada", password: "love:lace" };
const basic = `Basic ${Buffer.from("ada:love:lace").toString("base64")}`;

describe("authorization", () => {
  test("sends nothing until the registry asks, then Basic, and remembers", async () => {
    const server = await serve((request, response) => {
      const known = request.headers.authorization === basic;
      response
        .writeHead(known ? 200 : 401, known ? {} : { "www-authenticate": 'Basic realm="acme"' })
        .end(content);
    });
    const repository = open(server, { credentials });
    expect(Buffer.from(await repository.readBlob(digest))).toEqual(content);
    await repository.readBlob(digest);
    expect(server.received.map(({ headers }) => headers.authorization)).toEqual([undefined, basic, basic]);
  });

  test("gets a token of the token server that the registry names, and a new one when it is over", async () => {
    const { clock, waits } = fastClock();
    let tokens = 0;
    const server: Server = await serve((request, response) => {
      if (request.url.startsWith("/token")) {
        response.end(JSON.stringify({ token: `t${String(++tokens)}`, expires_in: 100 }));
      } else if (request.headers.authorization === `Bearer t${String(tokens)}` && tokens > 0)
        response.end(content);
      else {
        const challenge = `Bearer realm="http://${server.address}/token",service="acme registry",scope="repository:acme/api:pull"`;
        response.writeHead(401, { "www-authenticate": challenge }).end();
      }
    });
    const repository = open(server, { credentials, clock });
    await repository.readBlob(digest);
    await repository.readBlob(digest);
    expect(tokens).toBe(1);
    waits.push(95_000);
    await repository.readBlob(digest);
    expect(tokens).toBe(2);
    const asked = server.received.filter(({ url }) => url.startsWith("/token"));
    expect(asked[0]?.headers.authorization).toBe(basic);
    const parameters = new URL(asked[0]?.url ?? "", "http://x").searchParams;
    expect(parameters.get("service")).toBe("acme registry");
    expect(parameters.get("scope")).toBe("repository:acme/api:pull");
  });

  test("without credentials asks the token server for what everybody may do", async () => {
    const server: Server = await serve((request, response) => {
      if (request.url.startsWith("/token")) response.end(JSON.stringify({ access_token: "anonymous" }));
      else if (request.headers.authorization === "Bearer anonymous") response.end(content);
      else
        response
          .writeHead(401, { "www-authenticate": `Bearer realm="http://${server.address}/token"` })
          .end();
    });
    await open(server).readBlob(digest);
    expect(
      server.received.find(({ url }) => url.startsWith("/token"))?.headers.authorization,
    ).toBeUndefined();
  });

  test("never sends credentials to another origin", async () => {
    const storage = await serve((_, response) => void response.end(content));
    const server = await serve((request, response) => {
      if (request.headers.authorization === basic)
        response.writeHead(307, { location: `http://${storage.address}/signed?x=1` }).end();
      else response.writeHead(401, { "www-authenticate": "Basic" }).end();
    });
    expect(Buffer.from(await open(server, { credentials }).readBlob(digest))).toEqual(content);
    expect(storage.received).toHaveLength(1);
    expect(storage.received[0]?.headers.authorization).toBeUndefined();
  });

  test("refuses a token server and a redirect without TLS", async () => {
    const server = await serve((request, response) => {
      if (request.method === "HEAD") response.writeHead(307, { location: "http://registry.example/x" }).end();
      else response.writeHead(401, { "www-authenticate": 'Bearer realm="http://tokens.example/t"' }).end();
    });
    await expect(open(server).readBlob(digest)).rejects.toThrow(
      "names a token server without TLS (http://tokens.example)",
    );
    await expect(open(server).statBlob(digest)).rejects.toThrow(
      "leads to http://registry.example, which has no TLS",
    );
  });

  test("says which secrets to set: to log in, to renew, to be allowed", async () => {
    const server = await serve((request, response) => {
      const status = request.url.includes("/manifests/denied") ? 403 : 401;
      response.writeHead(status, { "www-authenticate": "Basic" });
      response.end(JSON.stringify({ errors: [{ code: "DENIED", message: "requested access is denied" }] }));
    });
    const credentialsAt = "the values USER and TOKEN in --secrets";
    const expected = { exitCode: 1, place: `${server.address}/acme/api` };
    await expect(open(server, { credentialsAt }).getManifest("v1")).rejects.toMatchObject({
      ...expected,
      code: "REGISTRY_UNAUTHORIZED",
      message: `${server.address}/acme/api: cannot read the manifest v1: the registry answered 401 (DENIED: requested access is denied)`,
      remedy: "log in: set the values USER and TOKEN in --secrets",
    });
    await expect(open(server, { credentials, credentialsAt }).getManifest("v1")).rejects.toMatchObject({
      remedy: "the registry does not accept these credentials: renew the values USER and TOKEN in --secrets",
    });
    await expect(open(server, { credentials, credentialsAt }).getManifest("denied")).rejects.toMatchObject({
      ...expected,
      code: "REGISTRY_DENIED",
      remedy: "give the account of the values USER and TOKEN in --secrets the right to do this in acme/api",
    });
  });

  test("no error holds the password", async () => {
    const server = await serve(
      (_, response) => void response.writeHead(401, { "www-authenticate": "Basic" }).end(),
    );
    const error: unknown = await open(server, { credentials })
      .getManifest("v1")
      .catch((caught: unknown) => caught);
    expect(JSON.stringify(error) + String((error as Error).stack)).not.toMatch(
      /love:lace|YWRhOmxvdmU6bGFjZQ/,
    );
  });
});

describe("retries", () => {
  test("repeats what may be repeated after 500, 503 and a broken connection", async () => {
    let requests = 0;
    const server = await serve((_, response, raw) => {
      requests++;
      if (requests === 1) response.writeHead(500).end();
      else if (requests === 2) response.writeHead(503).end();
      else if (requests === 3) raw.socket.destroy();
      else response.end(content);
    });
    const { clock, waits } = fastClock();
    await open(server, { clock }).readBlob(digest);
    expect(requests).toBe(4);
    expect(waits).toEqual([200, 400, 800]);
  });

  test("gives up after some attempts, with the registry's own words", async () => {
    const body = JSON.stringify({ errors: [{ code: "UNAVAILABLE", message: "we are moving" }] });
    const server = await serve((_, response) => void response.writeHead(503).end(body));
    await expect(open(server, { attempts: 3 }).listTags()).rejects.toMatchObject({
      code: "REGISTRY_UNAVAILABLE",
      message: `${server.address}/acme/api: cannot list the tags: the registry answered 503 (UNAVAILABLE: we are moving)`,
    });
    expect(server.received).toHaveLength(3);
  });

  test("waits as long as Retry-After says, and not for hours", async () => {
    let seconds = "7";
    const server = await serve((_, response) => {
      if (server.received.length === 1 || seconds === "3600")
        response.writeHead(429, { "retry-after": seconds }).end();
      else response.end(content);
    });
    const { clock, waits } = fastClock();
    await open(server, { clock }).readBlob(digest);
    expect(waits).toEqual([7000]);
    seconds = "3600";
    await expect(open(server).readBlob(digest)).rejects.toMatchObject({ code: "REGISTRY_RATE_LIMITED" });
  });

  test("does not repeat what was refused", async () => {
    const server = await serve((_, response) => void response.writeHead(404).end());
    await expect(open(server).readBlob(digest)).rejects.toMatchObject({ code: "REGISTRY_NOT_FOUND" });
    expect(server.received).toHaveLength(1);
  });

  test("names an address that nobody answers at", async () => {
    const server = await serve(() => undefined);
    await server.close();
    await expect(open(server).listTags()).rejects.toMatchObject({
      code: "REGISTRY_UNREACHABLE",
      message: expect.stringMatching(/cannot list the tags: connect ECONNREFUSED 127\.0\.0\.1/) as string,
    });
  });

  test("gives up on a registry that says nothing", async () => {
    const server = await serve(() => new Promise(() => undefined));
    await expect(open(server, { idleTimeoutMs: 50, attempts: 2 }).listTags()).rejects.toThrow(
      "no answer for 0.05 seconds",
    );
    expect(server.received).toHaveLength(2);
  });

  test("gives up on a body that stops in its middle", async () => {
    const server = await serve((_, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("some");
    });
    await expect(open(server, { idleTimeoutMs: 50, attempts: 1 }).readBlob(digest)).rejects.toMatchObject({
      code: "REGISTRY_UNREACHABLE",
    });
  });

  test("continues a blob where the connection broke", async () => {
    const server = await serve((request, response, raw) => {
      const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
      response.writeHead(start === 0 ? 200 : 206, {
        "content-length": String(content.length - start),
        "content-range": `bytes ${String(start)}-${String(content.length - 1)}/${String(content.length)}`,
      });
      response.write(content.subarray(start, start + 4), () => {
        if (start + 4 < content.length) setTimeout(() => raw.socket.destroy(), 20);
        else response.end();
      });
    });
    const chunks: Uint8Array[] = [];
    for await (const chunk of open(server).getBlob(digest)) chunks.push(chunk);
    expect(Buffer.concat(chunks)).toEqual(content);
    expect(server.received.map(({ headers }) => headers.range)).toEqual([undefined, "bytes=4-", "bytes=8-"]);
  });

  test("ends with the reason of the caller's signal", async () => {
    const server = await serve(() => new Promise(() => undefined));
    const abort = new AbortController();
    const reading = open(server, { signal: abort.signal }).listTags();
    abort.abort(new Error("enough"));
    await expect(reading).rejects.toThrow("enough");
  });
});

describe("digests", () => {
  test("a blob and a manifest of another digest are refused", async () => {
    const server = await serve((_, response) => void response.end("another layer"));
    await expect(open(server).readBlob(digest)).rejects.toMatchObject({
      code: "REGISTRY_DIGEST_MISMATCH",
      message: expect.stringContaining(digest) as string,
    });
    const stream = async () => {
      for await (const chunk of open(server).getBlob(digest)) void chunk;
    };
    await expect(stream()).rejects.toMatchObject({ code: "REGISTRY_DIGEST_MISMATCH" });
    await expect(open(server).getManifest(digest)).rejects.toMatchObject({
      code: "REGISTRY_DIGEST_MISMATCH",
    });
  });

  test("a registry that stores a manifest under another digest is refused", async () => {
    const server = await serve(
      (_, response) => void response.writeHead(201, { "docker-content-digest": digest }).end(),
    );
    const config = { mediaType: mediaTypes.config, digest, size: 1 };
    const pushing = open(server).putManifest({ schemaVersion: 2, config, layers: [] }, { tag: "v1" });
    await expect(pushing).rejects.toMatchObject({ code: "REGISTRY_DIGEST_MISMATCH" });
  });
});

describe("uploads", () => {
  test("large blobs go in parts, and continue after a broken connection from what the registry has", async () => {
    const parts: string[] = [];
    let broken = false;
    const server = await serve((request, response, raw) => {
      const upload = "/v2/acme/api/blobs/uploads/u1";
      if (request.method === "HEAD") response.writeHead(404).end();
      else if (request.method === "POST") response.writeHead(202, { location: upload }).end();
      else if (request.method === "PATCH") {
        parts.push(`${String(request.headers["content-range"])} ${request.body.toString()}`);
        if (parts.length === 2 && !broken) {
          broken = true;
          raw.socket.destroy();
        } else response.writeHead(202, { location: upload }).end();
      } else if (request.method === "GET") response.writeHead(204, { location: upload, range: "0-3" }).end();
      else response.writeHead(201).end();
    });
    const result = await open(server, { chunkedAboveBytes: 5, chunkBytes: 4 }).putBlob(blobOf(content));
    expect(parts).toEqual(["0-3 some", "4-7  lay", "4-7  lay", "8-9 er"]);
    expect(result).toEqual({ uploaded: true, bytesSent: content.length });
    const last = server.received.at(-1);
    expect(last).toMatchObject({
      method: "PUT",
      url: `/v2/acme/api/blobs/uploads/u1?digest=${encodeURIComponent(digest)}`,
    });
    expect(last?.body).toHaveLength(0);
  });

  test("a small blob goes in one request, with its length, and from the start again after a 500", async () => {
    let puts = 0;
    const server = await serve((request, response) => {
      if (request.method === "HEAD") response.writeHead(404).end();
      else if (request.method === "POST")
        response.writeHead(202, { location: `/v2/acme/api/blobs/uploads/${String(puts)}?state=x` }).end();
      else response.writeHead(++puts === 1 ? 500 : 201).end();
    });
    await open(server).putBlob(blobOf(content));
    const sent = server.received.filter(({ method }) => method === "PUT");
    expect(sent.map(({ url }) => url.split("?")[0])).toEqual([
      "/v2/acme/api/blobs/uploads/0",
      "/v2/acme/api/blobs/uploads/1",
    ]);
    expect(sent[1]?.url).toContain("state=x&digest=");
    expect(sent[1]?.headers["content-length"]).toBe(String(content.length));
    expect(sent[1]?.body).toEqual(content);
  });

  test("a blob is taken from another repository where the registry can do that", async () => {
    const server = await serve(
      (request, response) => void response.writeHead(request.method === "HEAD" ? 404 : 201).end(),
    );
    expect(await open(server).putBlob(blobOf(content), { mountFrom: "acme/base" })).toEqual({
      uploaded: false,
      bytesSent: 0,
    });
    expect(server.received.at(-1)?.url).toContain(`mount=${encodeURIComponent(digest)}&from=acme%2Fbase`);
  });
});

test("an upload is not sent to where the registry leads it without TLS", async () => {
  const server = await serve((request, response) => {
    if (request.method === "HEAD") response.writeHead(404).end();
    else response.writeHead(202, { location: "http://elsewhere.example/upload" }).end();
  });
  await expect(open(server).putBlob(blobOf(content))).rejects.toThrow(
    "leads to http://elsewhere.example, which has no TLS",
  );
});

test("a list of tags that is none is refused", async () => {
  const server = await serve((_, response) => void response.end('{"tags": "latest"}'));
  await expect(open(server).listTags()).rejects.toThrow("the list of tags of");
});

test("tags come in pages", async () => {
  const server = await serve((request, response) => {
    const second = request.url.includes("last=");
    response.writeHead(200, second ? {} : { link: '</v2/acme/api/tags/list?n=2&last=b>; rel="next"' });
    response.end(JSON.stringify({ name: "acme/api", tags: second ? ["c"] : ["a", "b"] }));
  });
  expect(await open(server).listTags()).toEqual(["a", "b", "c"]);
});

test("plain HTTP is for registries of this machine only", () => {
  expect(() => openRepository("registry.example/acme/api", { insecure: true })).toThrow(
    "registry.example would be spoken to without TLS",
  );
});
