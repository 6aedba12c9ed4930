import { spawnSync } from "node:child_process";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../../src/host/processes/processes.ts";
import { startPostgres, type RunningPostgres } from "../../../src/host/postgres/postgres.ts";
import type { DependencyCheck } from "../../../src/model/plan.ts";
import { askDependency } from "../../../src/providers/dependencies/dependencies.ts";
import { judgeCertificates } from "../../../src/providers/dependencies/certificate.ts";
import { fakeRedis } from "../../support/fake-redis.ts";

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "fairway-dependencies-"));
  // Entered by uid 65534, which root runs PostgreSQL as.
  await chmod(directory, 0o755);
});

afterAll(async () => {
  await rm(directory, { recursive: true });
});

function ask(check: DependencyCheck, secrets: Record<string, string> = {}, timeoutMs = 5_000) {
  return askDependency(check, { secrets, now: new Date(), timeoutMs, signal: new AbortController().signal });
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

describe("a database", () => {
  const check = { kind: "database", at: { secret: "DATABASE_URL" } } as const;
  let server: RunningPostgres;

  beforeAll(async () => {
    server = await startPostgres({
      dataDirectory: join(directory, "data"),
      password: "canary/word",
      template: true,
    });
  });

  afterAll(async () => {
    await server.stop();
  });

  it("that lets us in and answers passes, with its version", async () => {
    expect(await ask(check, { DATABASE_URL: server.url() })).toEqual({
      verdict: "pass",
      says: `answered (${server.version})`,
    });
  });

  it("with another password, or another database, fails, and no part of the password is said", async () => {
    const wrong = server.url().replace("canary", "canary-two");
    const answers = [
      await ask(check, { DATABASE_URL: wrong }),
      await ask(check, { DATABASE_URL: server.url("nowhere") }),
    ];
    for (const { verdict, says } of answers) {
      expect(verdict).toBe("fail");
      expect(says).not.toContain("canary");
    }
    expect(answers[0]?.says).toContain("password authentication failed");
    expect(answers[1]?.says).toContain('database "nowhere" does not exist');
  });

  it("that nobody answers for fails; one whose URL has no value is not known, and neither is a pass", async () => {
    const port = await freePort();
    const url = `postgresql://ada:canary@127.0.0.1:${String(port)}/shop`;
    const gone = await ask(check, { DATABASE_URL: url });
    expect(gone).toMatchObject({ verdict: "fail" });
    expect(gone.says).toContain("ECONNREFUSED");
    expect(await ask(check)).toMatchObject({ verdict: "insufficient", lasting: true });
  });

  it("is not this machine's own where the URL is none", async () => {
    expect(await ask(check, { DATABASE_URL: "canary" })).toEqual({
      verdict: "fail",
      says: "its URL is not that of a PostgreSQL database",
      lasting: true,
    });
  });
});

describe("Redis", () => {
  const check = { kind: "redis", at: { secret: "REDIS_URL" } } as const;

  it("that answers a PING passes, with a password or without", async () => {
    await using open = await fakeRedis();
    await using closed = await fakeRedis({ password: "canary-word" });
    const plain = { kind: "redis", at: { url: `redis://127.0.0.1:${String(open.port)}` } } as const;
    expect(await ask(plain)).toEqual({ verdict: "pass", says: "answered" });
    const REDIS_URL = `redis://:canary-word@127.0.0.1:${String(closed.port)}`;
    expect(await ask(check, { REDIS_URL })).toMatchObject({ verdict: "pass" });
  });

  it("that does not let us in, is not there or never answers fails, and the password is not said", async () => {
    await using closed = await fakeRedis({ password: "another" });
    await using silent = await fakeRedis({ silent: true });
    const urlOf = (port: number) => ({ REDIS_URL: `redis://:canary-word@127.0.0.1:${String(port)}` });
    const answers = [
      await ask(check, urlOf(closed.port)),
      await ask(check, urlOf(await freePort())),
      await ask(check, urlOf(silent.port), 200),
    ];
    for (const { verdict, says } of answers) {
      expect(verdict).toBe("fail");
      expect(says).not.toContain("canary");
    }
    expect(answers.map(({ says }) => says)).toEqual([
      expect.stringContaining("WRONGPASS"),
      expect.stringContaining("ECONNREFUSED"),
      expect.stringContaining("no answer within 200 ms"),
    ]);
  });
});

describe("an address", () => {
  it("passes by its status and its body, and fails by either; a redirect is not followed", async () => {
    const server = createServer(({ url }, response) => {
      if (url === "/moved") response.writeHead(302, { location: "/" }).end();
      else response.writeHead(url === "/broken" ? 503 : 200).end("all is well");
    });
    const base = `http://127.0.0.1:${String(await listening(server))}`;
    const at = (path: string, contains: string | null = null) =>
      ask({ kind: "http", url: `${base}${path}`, status: 200, contains });
    try {
      expect(await at("/", "well")).toEqual({ verdict: "pass", says: "answered 200" });
      expect(await at("/", "ill")).toEqual({
        verdict: "fail",
        says: 'answered 200, without "ill" in the body',
      });
      expect(await at("/broken")).toEqual({ verdict: "fail", says: "answered 503 instead of 200" });
      expect(await at("/moved")).toEqual({ verdict: "fail", says: "answered 302 instead of 200" });
    } finally {
      server.closeAllConnections();
      server.close();
    }
    expect((await at("/")).says).toContain("gave no answer: ");
  });
});

describe("a certificate", () => {
  it("passes while it is good for long enough, and fails before it ends", async ({ skip }) => {
    if (spawnSync("openssl", ["version"]).status !== 0)
      skip("openssl, which makes certificates, is not here");
    const pair = await certificate(30);
    const server = createTlsServer(pair, (_, response) => response.end());
    const port = await listening(server);
    const within = (minDays: number) => ask({ kind: "certificate", host: "127.0.0.1", port, minDays });
    try {
      expect(await within(14)).toMatchObject({
        verdict: "pass",
        says: expect.stringMatching(/^"shop.example" expires on \d{4}-\d\d-\d\d, in (29|30) days$/) as string,
      });
      expect(await within(31)).toMatchObject({
        verdict: "fail",
        lasting: true,
        says: expect.stringMatching(/; it has to be good for 31$/) as string,
      });
    } finally {
      server.close();
    }
  });

  it("that cannot be seen is not known: no server, no TLS, no answer", async () => {
    const plain = createServer((_, response) => response.end());
    const silent = await fakeRedis({ silent: true });
    const at = (port: number) => ask({ kind: "certificate", host: "127.0.0.1", port, minDays: 1 }, {}, 300);
    try {
      for (const port of [await freePort(), await listening(plain), silent.port])
        expect(await at(port)).toMatchObject({
          verdict: "insufficient",
          says: expect.stringContaining("cannot be seen: ") as string,
        });
    } finally {
      plain.close();
      await silent[Symbol.asyncDispose]();
    }
  });

  it("is as good as the first of those that it is signed with", () => {
    const now = new Date("2026-03-02T09:00:00Z");
    const day = (text: string) => new Date(`${text}T00:00:00Z`);
    const leaf = { subject: '"shop"', from: day("2026-01-01"), until: day("2026-12-01") };
    const above = { subject: '"authority"', from: day("2020-01-01"), until: day("2026-03-10") };
    const judged = (...shown: (typeof leaf)[]) => judgeCertificates(shown, { minDays: 14 }, now);
    expect(judged(leaf)).toMatchObject({ verdict: "pass" });
    expect(judged(leaf, above)).toMatchObject({
      verdict: "fail",
      says: expect.stringContaining("authority"),
    });
    expect(judged({ ...leaf, until: day("2026-03-01") })).toMatchObject({
      verdict: "fail",
      says: '"shop" has expired on 2026-03-01',
    });
    expect(judged({ ...leaf, from: day("2026-04-01") })).toMatchObject({
      verdict: "fail",
      says: '"shop" is not good before 2026-04-01',
    });
    expect(judged()).toMatchObject({ verdict: "insufficient" });
  });

  async function certificate(days: number): Promise<{ key: Buffer; cert: Buffer }> {
    const [key, cert] = [join(directory, "key.pem"), join(directory, "cert.pem")];
    const { status, stderr } = spawnSync("openssl", [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
      ...["-keyout", key, "-out", cert, "-days", String(days), "-subj", "/CN=shop.example"],
    ]);
    if (status !== 0) throw new Error(stderr.toString());
    return { key: await readFile(key), cert: await readFile(cert) };
  }
});

it("an interrupt ends a question that waits", async () => {
  await using silent = await fakeRedis({ silent: true });
  const interrupt = new AbortController();
  const url = `redis://127.0.0.1:${String(silent.port)}`;
  const answer = askDependency(
    { kind: "redis", at: { url } },
    { secrets: {}, now: new Date(), timeoutMs: 30_000, signal: interrupt.signal },
  );
  interrupt.abort(new Error("interrupted"));
  await expect(answer).rejects.toThrow("interrupted");
});
