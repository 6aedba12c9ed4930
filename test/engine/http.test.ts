import { createHash } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { freePort } from "../../src/host/processes/processes.ts";
import { refusalOf, testEngine, type TestEngine } from "./support/engine.ts";

let engine: TestEngine;
let address: string;
let other: string;
const asked: IncomingMessage[] = [];
const text = "the file's text";
const servers = [1, 2].map(() =>
  createServer((request, response) => {
    asked.push(request);
    const path = request.url ?? "/";
    if (path.startsWith("/gone")) return void response.writeHead(404).end("no");
    if (path.startsWith("/moved")) return void response.writeHead(302, { location: `${other}/there` }).end();
    if (path.startsWith("/loop")) return void response.writeHead(302, { location: path }).end();
    response.writeHead(200, { "last-modified": "Sun, 09 Sep 2001 01:46:40 GMT" }).end(text);
  }),
);

beforeAll(async () => {
  engine = await testEngine();
  const addresses = await Promise.all(
    servers.map(async (server) => {
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    }),
  );
  [address = "", other = ""] = addresses;
});
beforeEach(() => {
  asked.length = 0;
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

describe("a file of a server", () => {
  it("is fetched once, when somebody wants to know something of it", async () => {
    await engine.with(async (dag) => {
      const file = dag.http(`${address}/a/page%20one.txt?x=1`);
      await file.id();
      expect(asked.length).toBe(0);
      expect([await file.name(), await file.contents(), await file.size()]).toEqual([
        "page one.txt",
        text,
        text.length,
      ]);
      expect(await dag.http(`${address}/a/page%20one.txt?x=1`).contents()).toBe(text);
      expect(asked.length).toBe(1);
    });
  });

  it("has the name and the permissions that it is given, 0600 without", async () => {
    await engine.with(async (dag) => {
      const plain = dag.http(`${address}/`);
      expect([await plain.name(), await plain.stat().permissions()]).toEqual(["index", 0o600]);
      const named = dag.http(`${address}/tool`, { name: "other", permissions: 0o755 });
      expect([await named.name(), await named.stat().permissions()]).toEqual(["other", 0o755]);
    });
  });

  it("is refused where its checksum is another, or none", async () => {
    const sum = (algorithm: string) => `${algorithm}:${createHash(algorithm).update(text).digest("hex")}`;
    await engine.with(async (dag) => {
      for (const checksum of [sum("sha256"), sum("sha512")])
        expect(await dag.http(`${address}/sum`, { checksum }).contents()).toBe(text);
      const wrong = `sha256:${"0".repeat(64)}`;
      const error = await refusalOf(dag.http(`${address}/sum`, { checksum: wrong }).contents());
      expect(error.message).toContain(`checksum mismatch: expected ${wrong}, got ${sum("sha256")}`);
      asked.length = 0;
      const broken = await refusalOf(dag.http(`${address}/sum`, { checksum: "md5:00" }).contents());
      expect(broken.message).toContain('invalid checksum "md5:00"');
      expect(asked.length).toBe(0);
    });
  });

  it("is followed to where it has moved, without the authorization", async () => {
    await engine.with(async (dag) => {
      const authHeader = dag.setSecret("header", "Bearer of-the-first-server");
      expect(await dag.http(`${address}/moved`, { authHeader }).contents()).toBe(text);
      expect(asked.map(({ headers }) => headers.authorization)).toEqual([
        "Bearer of-the-first-server",
        undefined,
      ]);
      const error = await refusalOf(dag.http(`${address}/loop`).contents());
      expect(error.message).toContain("stopped after 10 redirects");
    });
  });

  it("that is not there is an error with the status, and no password", async () => {
    await engine.with(async (dag) => {
      const url = `${address.replace("://", "://me:hunter2secret@")}/gone`;
      const error = await refusalOf(dag.http(url).contents());
      expect(error.message).toContain("invalid response status 404");
      expect(error.message).not.toContain("hunter2secret");
      const scheme = await refusalOf(dag.http("ftp://example.com/x").contents());
      expect(scheme.message).toBe('Get "ftp://example.com/x": unsupported protocol scheme "ftp"');
    });
  });
});

describe("an address", () => {
  it("is a file or folder of the host, a secret, a service of the host", async () => {
    const port = Number(new URL(address).port);
    const engineWithSecret = await testEngine({ variables: { THE_SECRET: "from-the-environment" } });
    try {
      await engineWithSecret.with(async (dag) => {
        for (const uri of ["THE_SECRET", "env:THE_SECRET", "env://THE_SECRET?cacheKey=k"])
          expect(await dag.address(uri).secret().plaintext()).toBe("from-the-environment");
        const service = dag.address(`tcp://localhost:${String(port)}`).service();
        const web = dag.http(`http://web:${String(port)}/`, {
          experimentalServiceHost: service.withHostname("web"),
        });
        expect(await web.contents()).toBe(text);
        expect(await dag.address("file:///etc/hostname").file().name()).toBe("hostname");
        expect(await dag.address("x:y").value()).toBe("x:y");
      });
    } finally {
      await engineWithSecret[Symbol.asyncDispose]();
    }
  });

  it("that fits nothing is refused with what was wanted", async () => {
    await engine.with(async (dag) => {
      const closed = await freePort();
      const messages = await Promise.all(
        [
          dag.address("").value(),
          dag.address("http://x:80").service().start(),
          dag.address("https://example.com/r.git#main").gitRepository().url(),
          dag.address("https://example.com/r.git#main").file().contents(),
          dag.address("https://example.com/r.git#main:sub").gitRef().commit(),
          dag
            .address(`http://127.0.0.1:${String(closed)}/r.git#main`)
            .gitRef()
            .commit(),
        ].map(async (asking) => (await refusalOf(asking)).message),
      );
      expect(messages).toEqual([
        "resource cannot have empty address",
        'unsupported service address: "http://x:80". Must be a valid tcp:// or udp:// URL',
        "git repository address cannot contain ref",
        "no file path specified within git repository",
        "git ref address cannot contain subdir",
        expect.stringContaining("connect: connection refused"),
      ]);
    });
  });
});
